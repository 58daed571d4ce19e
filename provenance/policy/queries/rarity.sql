-- Human documents that no rule dropped but, perhaps, rules over quality columns, and whose rarity
-- is known.
SELECT doc_id, CAST(rarity AS DOUBLE) AS rarity
FROM decisions
WHERE firm_reason IS NULL AND tier > 0 AND rarity IS NOT NULL
