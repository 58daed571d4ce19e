-- Everything a policy may ask about, one row per document.
WITH shared AS (
    SELECT cluster_id, count(*) AS n
    FROM read_parquet($graded)
    GROUP BY cluster_id
    HAVING count(*) > 1
)
SELECT g.*, CAST(coalesce(shared.n, 1) AS INTEGER) AS cluster_size
FROM read_parquet($graded) AS g
LEFT JOIN shared USING (cluster_id)
