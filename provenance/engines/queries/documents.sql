-- Everything a policy may ask about, one row per document. $columns: those of the store.
WITH shared AS (
    SELECT cluster_id, count(*) AS n FROM assigned GROUP BY cluster_id HAVING count(*) > 1
),
stored AS (
    SELECT part, row, COLUMNS(lambda name: list_contains($columns, name)) FROM scored
)
SELECT
    s.*,
    a.cluster_id, CAST(coalesce(shared.n, 1) AS INTEGER) AS cluster_size,
    a.is_keeper, a.duplicate_of, a.first_seen, a.anchor_doc,
    a.contaminated_by,
    g.source_class, g.p_synthetic, g.p_low, g.p_high, g.tier, g.tier_reason, g.rights, g.train_ai
FROM stored AS s
JOIN assigned AS a USING (doc_id)
JOIN read_parquet($graded) AS g USING (doc_id)
LEFT JOIN shared ON shared.cluster_id = a.cluster_id
