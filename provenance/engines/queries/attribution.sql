-- Kept documents and the tokens they count for, by host, tier and what the page says of training on
-- it: the address of its terms, else whether it denies or allows it, else unknown.
WITH kept AS (
    SELECT
        host, tier, n_tokens, epochs,
        list_filter(rights, lambda said: said.use = 'train_ai') AS said
    FROM decisions
    WHERE decision = 'keep'
)
SELECT
    host,
    coalesce(
        list_filter(said, lambda one: regexp_matches(one.detail, '^https?://'))[1].detail,
        CASE
            WHEN len(list_filter(said, lambda one: one.preference = 'denied')) > 0
            THEN 'training denied'
            WHEN len(list_filter(said, lambda one: one.preference = 'allowed')) > 0
            THEN 'training allowed'
            ELSE 'unknown'
        END
    ) AS licence,
    tier,
    count(*)::BIGINT AS documents,
    coalesce(sum(n_tokens * epochs), 0)::BIGINT AS tokens
FROM kept
GROUP BY ALL
