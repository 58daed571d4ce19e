-- Documents for whose use something is allowed or denied, once each.
WITH stated AS (
    SELECT
        decision,
        n_tokens * epochs AS kept_tokens,
        unnest(list_distinct(list_transform(
            rights, lambda one: {'use': one.use, 'preference': one.preference}
        ))) AS one
    FROM decisions
    WHERE rights IS NOT NULL
)
SELECT
    one.use,
    one.preference,
    count(*)::BIGINT AS documents,
    count(*) FILTER (decision = 'keep')::BIGINT AS kept_documents,
    coalesce(sum(kept_tokens), 0)::BIGINT AS kept_tokens
FROM stated
GROUP BY 1, 2
ORDER BY documents DESC, 1, 2
