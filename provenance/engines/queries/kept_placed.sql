-- The same with the place of each row in the order of the training set.
SELECT kept.* REPLACE (CASE WHEN $as_rows THEN 1 ELSE epochs END AS epochs), placed.place
FROM decisions AS kept
JOIN placed USING (doc_id)
WHERE kept.part = $part AND kept.decision = 'keep'
ORDER BY kept.row, placed.pass
