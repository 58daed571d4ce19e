-- The same for the rows of the training set. $as_rows: whether a document that counts several
-- times is several rows, each of which then counts once.
SELECT * REPLACE (CASE WHEN $as_rows THEN 1 ELSE epochs END AS epochs)
FROM (
    SELECT *, unnest(range(CASE WHEN $as_rows THEN epochs ELSE 1 END)) AS pass
    FROM decisions
    WHERE part = $part AND decision = 'keep'
)
ORDER BY row, pass
