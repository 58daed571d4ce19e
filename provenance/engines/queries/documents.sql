-- Everything a policy may ask about, one row per document.
CREATE TABLE documents AS
SELECT
    s.* EXCLUDE (pointing),
    a.cluster_id, CAST(count(*) OVER (PARTITION BY a.cluster_id) AS INTEGER) AS cluster_size,
    a.is_keeper, a.duplicate_of, a.first_seen, a.anchor_doc,
    a.contaminated_by,
    g.source_class, g.p_synthetic, g.p_low, g.p_high, g.tier, g.tier_reason, g.rights, g.train_ai
FROM scored AS s
JOIN assigned AS a USING (doc_id)
JOIN read_parquet($graded) AS g USING (doc_id)
