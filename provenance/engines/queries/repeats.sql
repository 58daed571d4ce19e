-- A record given twice has one document id; the copy read first is the document.
CREATE TABLE repeats AS
SELECT part, row, record_id, source_uri, source_pos, url, first_uri, first_pos
FROM (
    SELECT
        *,
        row_number() OVER same AS copy,
        first_value(source_uri) OVER same AS first_uri,
        first_value(source_pos) OVER same AS first_pos
    FROM scored
    WHERE doc_id IN (SELECT doc_id FROM scored GROUP BY doc_id HAVING count(*) > 1)
    WINDOW same AS (PARTITION BY doc_id ORDER BY part, row)
)
WHERE copy > 1
