-- Documents by what their publishers say of training AI on them, the most restrictive counting.
SELECT
    train_ai,
    count(*)::BIGINT AS documents,
    count(*) FILTER (decision = 'keep')::BIGINT AS kept_documents,
    coalesce(sum(n_tokens * epochs), 0)::BIGINT AS kept_tokens
FROM decisions
GROUP BY 1
ORDER BY documents DESC, 1
