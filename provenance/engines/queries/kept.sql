-- The same for the rows of the training set. $as_rows: whether a document that counts several
-- times is several rows, each of which then counts once.
SELECT COLUMNS(lambda name: list_contains($columns, name))
FROM (
    SELECT
        * REPLACE (CASE WHEN $as_rows THEN 1 ELSE epochs END AS epochs),
        unnest(range(CASE WHEN $as_rows THEN epochs ELSE 1 END)) AS pass
    FROM decisions
    WHERE part = $part AND decision = 'keep'
)
ORDER BY row, pass
