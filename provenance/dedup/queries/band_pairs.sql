-- Pairs of texts with equal keys in one band: each with the earliest of its bucket.
INSERT INTO dedup_band_pairs
WITH bucket AS (
    SELECT key, text, row_number() OVER (PARTITION BY key ORDER BY text) AS place
    FROM dedup_band
    WHERE key IN (SELECT key FROM dedup_band GROUP BY key HAVING count(*) > 1)
)
SELECT head.text, other.text
FROM bucket AS head
JOIN bucket AS other USING (key)
WHERE head.place <= $bucket_heads AND head.place < other.place
