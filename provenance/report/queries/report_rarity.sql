-- Documents that are not synthetic by column $measure, in ten-thousandths.
SELECT CAST(round(rarity * 10000) AS INTEGER) AS rarity, count(*)::BIGINT AS documents
FROM (SELECT tier, struct_extract(decisions, $measure) AS rarity FROM decisions)
WHERE tier > 0 AND rarity IS NOT NULL
GROUP BY 1
ORDER BY 1
