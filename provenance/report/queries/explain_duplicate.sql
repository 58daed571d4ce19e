-- How a document matches the one kept for it: matches are between the first copies of each text.
WITH edges AS (SELECT * FROM read_parquet($duplicates)),
stars AS (SELECT doc_b AS doc_id, doc_a AS star FROM edges WHERE kind = 'exact'),
own AS (
    SELECT coalesce((SELECT star FROM stars WHERE doc_id = unhex($doc_id)), unhex($doc_id)) AS star
),
kept AS (
    SELECT coalesce((SELECT star FROM stars WHERE doc_id = unhex($kept)), unhex($kept)) AS star
)
SELECT 'exact' AS kind, 1.0::FLOAT AS similarity, 1.0::FLOAT AS containment
FROM own JOIN kept USING (star)
UNION ALL
SELECT
    kind, similarity,
    CASE WHEN doc_a = own.star THEN containment_a_in_b ELSE containment_b_in_a END
FROM edges, own, kept
WHERE (doc_a = own.star AND doc_b = kept.star) OR (doc_a = kept.star AND doc_b = own.star)
