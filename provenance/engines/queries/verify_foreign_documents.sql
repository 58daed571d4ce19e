-- Rows of the data files for which no kept decision says the same of this document, this often:
-- once, or as many times as it has epochs.
SELECT lower(hex(written.doc_id))
FROM (
    SELECT doc_id, content_hash, url, tier, p_synthetic, stratum, count(*) AS times
    FROM read_parquet($data)
    GROUP BY ALL
) AS written
LEFT JOIN decisions AS d
    ON d.doc_id = written.doc_id
    AND d.content_hash IS NOT DISTINCT FROM written.content_hash
    AND d.url IS NOT DISTINCT FROM written.url
    AND d.tier = written.tier
    AND d.p_synthetic = written.p_synthetic
    AND d.stratum IS NOT DISTINCT FROM written.stratum
    AND d.decision = 'keep'
WHERE d.doc_id IS NULL OR written.times NOT IN (1, d.epochs)
ORDER BY written.doc_id
