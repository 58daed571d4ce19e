-- Kept documents that stand in no data file.
SELECT lower(hex(doc_id))
FROM decisions
ANTI JOIN read_parquet($data) USING (doc_id)
WHERE decision = 'keep'
ORDER BY doc_id
