SELECT
    abstained AS reason,
    count(*)::BIGINT AS documents,
    coalesce(sum(n_tokens), 0)::BIGINT AS tokens
FROM decisions
WHERE abstained IS NOT NULL
GROUP BY 1
ORDER BY documents DESC, reason
