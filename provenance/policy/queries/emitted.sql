-- The rows of the training set in an order that depends on nothing but them.
-- $as_rows: whether a document that counts several times is several rows.
SELECT
    doc_id,
    coalesce(dense_rank() OVER (ORDER BY stratum), 0) AS stratum,
    weight > 1 AS is_rare,
    tier = 1 AS is_human,
    unnest(range(CASE WHEN $as_rows THEN epochs ELSE 1 END)) AS pass
FROM decisions
WHERE decision = 'keep'
ORDER BY doc_id, pass
