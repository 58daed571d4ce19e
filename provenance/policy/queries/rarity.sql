-- Human documents that no rule dropped but, perhaps, rules over quality columns, and for which
-- column $measure is known.
SELECT doc_id, CAST(rarity AS DOUBLE) AS rarity
FROM (
    SELECT doc_id, firm_reason, tier, struct_extract(decisions, $measure) AS rarity FROM decisions
)
WHERE firm_reason IS NULL AND tier > 0 AND rarity IS NOT NULL
