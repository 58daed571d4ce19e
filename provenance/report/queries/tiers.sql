SELECT
    tier,
    tier_reason,
    count(*)::BIGINT AS documents,
    count(*) FILTER (decision = 'keep')::BIGINT AS kept_documents,
    coalesce(sum(n_tokens * epochs), 0)::BIGINT AS kept_tokens
FROM decisions GROUP BY tier, tier_reason ORDER BY (tier = 0), tier, documents DESC, tier_reason
