-- Pairs of texts and how many hashes they share that are boilerplate of neither site.
INSERT INTO dedup_shared
WITH own AS (
    SELECT hash, text FROM dedup_hashes AS h
    WHERE NOT EXISTS (
        SELECT 1 FROM dedup_boilerplate AS b WHERE b.site = h.site AND b.hash = h.hash
    )
),
bucket AS (
    SELECT hash, text, row_number() OVER (PARTITION BY hash ORDER BY text) AS place
    FROM own
    WHERE hash IN (SELECT hash FROM own GROUP BY hash HAVING count(*) > 1)
)
SELECT head.text, other.text, count(*)
FROM bucket AS head
JOIN bucket AS other USING (hash)
WHERE head.place <= $bucket_heads AND head.place < other.place
GROUP BY ALL
