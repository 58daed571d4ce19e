-- The rows of the training set, in no order. (part, row) is the document's place in the store.
-- stratum: its number in order of name; 0 without a mix. $as_rows: whether a document that counts
-- several times is several rows.
WITH strata AS (
    SELECT list(stratum ORDER BY stratum) AS names
    FROM (SELECT DISTINCT stratum FROM decisions WHERE decision = 'keep')
)
SELECT
    doc_id,
    part,
    row,
    coalesce(list_position(names, stratum), 0)::BIGINT AS stratum,
    weight > 1 AS is_rare,
    tier = 1 AS is_human,
    unnest(range(CASE WHEN $as_rows THEN epochs ELSE 1 END)) AS pass
FROM decisions, strata
WHERE decision = 'keep'
