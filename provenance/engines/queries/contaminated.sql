-- `assigned` with the benchmark item that each document holds most of, null where it holds none.
CREATE OR REPLACE TABLE assigned AS
WITH items AS (
    SELECT doc_id, match_id FROM reference_matches
    WHERE kind = 'item'
    QUALIFY row_number() OVER (PARTITION BY doc_id ORDER BY containment DESC, match_id) = 1
)
SELECT a.*, i.match_id AS contaminated_by
FROM assigned AS a
LEFT JOIN items AS i USING (doc_id)
