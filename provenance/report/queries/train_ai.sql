SELECT
    train_ai,
    count(*)::BIGINT AS documents,
    count(*) FILTER (decision = 'keep')::BIGINT AS kept_documents,
    coalesce(sum(n_tokens * epochs), 0)::BIGINT AS kept_tokens
FROM decisions GROUP BY train_ai ORDER BY train_ai
