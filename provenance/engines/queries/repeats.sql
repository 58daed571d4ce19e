-- A record given twice has one document id; the copy read first is the document.
CREATE TABLE repeats AS
SELECT part, row, first_part, first_row
FROM (
    SELECT
        part,
        row,
        row_number() OVER same AS copy,
        first_value(part) OVER same AS first_part,
        first_value(row) OVER same AS first_row
    FROM scored
    WHERE doc_id IN (SELECT doc_id FROM scored GROUP BY doc_id HAVING count(*) > 1)
    WINDOW same AS (PARTITION BY doc_id ORDER BY part, row)
)
WHERE copy > 1
