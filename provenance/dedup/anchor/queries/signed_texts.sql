-- The texts in order, with what matching needs of them. A record given twice may come twice.
SELECT t.*, s.n_shingles, s.sketch, s.probes
FROM anchor_texts AS t
JOIN read_parquet($signatures) AS s USING (doc_id)
ORDER BY t.text
