-- What became of the documents that are not synthetic, by tenth of column $measure.
-- $bounds: the highest value of each tenth but the last, in ten-thousandths, ascending.
SELECT
    len(list_filter(
        $bounds::INTEGER[], lambda bound: bound < CAST(round(rarity * 10000) AS INTEGER)
    ))::INTEGER AS tenth,
    reason,
    count(*)::BIGINT AS documents,
    coalesce(sum(n_tokens), 0)::BIGINT AS tokens,
    count(*) FILTER (protected)::BIGINT AS protected
FROM (
    SELECT tier, reason, n_tokens, protected, struct_extract(decisions, $measure) AS rarity
    FROM decisions
)
WHERE tier > 0 AND rarity IS NOT NULL
GROUP BY ALL
ORDER BY ALL
