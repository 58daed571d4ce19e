-- Human documents that no rule dropped and whose rarity is known.
SELECT doc_id, CAST(rarity AS DOUBLE) AS rarity
FROM decisions
WHERE reason IS NULL AND tier > 0 AND rarity IS NOT NULL
