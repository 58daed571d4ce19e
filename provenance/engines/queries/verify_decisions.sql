-- The decisions of a finished dataset, as far as its summary counts them.
CREATE TABLE decisions AS
SELECT
    doc_id, content_hash, url, decision, reason, tier, tier_reason, train_ai, p_synthetic, stratum,
    lang, n_tokens, epochs, anchor_doc
FROM read_parquet($decisions)
