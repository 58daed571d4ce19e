-- Signature and sketch of every distinct text, in no order. A record given twice counts once.
WITH twice AS (
    SELECT filename, file_row_number
    FROM (
        SELECT doc_id, filename, file_row_number
        FROM read_parquet($signatures, filename = true, file_row_number = true)
        WHERE doc_id IN (
            SELECT doc_id FROM read_parquet($signatures) GROUP BY doc_id HAVING count(*) > 1
        )
    )
    QUALIFY row_number() OVER (
        PARTITION BY doc_id ORDER BY list_position($signatures, filename), file_row_number
    ) > 1
)
SELECT t.text, s.n_shingles, s.signature, s.sketch
FROM read_parquet($signatures, filename = true, file_row_number = true) AS s
JOIN dedup_texts AS t USING (doc_id)
ANTI JOIN twice USING (filename, file_row_number)
