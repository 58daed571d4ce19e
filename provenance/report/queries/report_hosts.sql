-- The hosts with the most documents. n_hosts: of all.
SELECT
    host,
    count(*)::BIGINT AS documents,
    count(*) FILTER (decision = 'keep')::BIGINT AS kept_documents,
    coalesce(sum(n_tokens), 0)::BIGINT AS tokens,
    coalesce(sum(n_tokens * epochs), 0)::BIGINT AS kept_tokens,
    count(*) OVER ()::BIGINT AS n_hosts
FROM decisions
GROUP BY host
ORDER BY documents DESC, tokens DESC, host
LIMIT $n
