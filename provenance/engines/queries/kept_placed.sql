-- The same with the place of each row in the order of the training set.
SELECT COLUMNS(lambda name: list_contains($columns, name))
FROM (
    SELECT
        kept.* REPLACE (CASE WHEN $as_rows THEN 1 ELSE epochs END AS epochs),
        placed.pass,
        placed.place
    FROM decisions AS kept
    JOIN placed ON placed.part = kept.part AND placed.row = kept.row
    WHERE kept.part = $part AND placed.part = $part AND kept.decision = 'keep'
)
ORDER BY row, pass
