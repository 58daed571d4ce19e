-- Clusters of alike texts by size, in powers of two.
WITH clusters AS (
    SELECT count(*)::BIGINT AS size FROM decisions WHERE cluster_id IS NOT NULL GROUP BY cluster_id
)
SELECT
    (2 ** floor(log2(size)))::BIGINT AS smallest,
    max(size)::BIGINT AS largest,
    count(*)::BIGINT AS clusters,
    sum(size)::BIGINT AS documents
FROM clusters
GROUP BY 1
ORDER BY 1
