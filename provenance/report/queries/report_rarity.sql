-- Documents that are not synthetic by rarity, in ten-thousandths.
SELECT CAST(round(rarity * 10000) AS INTEGER) AS rarity, count(*)::BIGINT AS documents
FROM decisions
WHERE tier > 0 AND rarity IS NOT NULL
GROUP BY 1
ORDER BY 1
