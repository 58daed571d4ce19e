-- Kept documents and the tokens they count for, by host and tier. No stage reads licences yet.
SELECT
    host, 'unknown' AS licence, tier,
    count(*)::BIGINT AS documents,
    coalesce(sum(n_tokens * epochs), 0)::BIGINT AS tokens
FROM decisions
WHERE decision = 'keep'
GROUP BY host, tier
