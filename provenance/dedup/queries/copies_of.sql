-- Who is a copy of whom, under the numbers of the documents. Of two that cover each other, and of
-- equal ones, the later is the copy.
SELECT
    copy.number AS doc, original.number AS match, m.kind, m.similarity, m.containment
FROM (
    SELECT doc_b AS doc, doc_a AS match, kind, similarity, containment_b_in_a AS containment
    FROM read_parquet($edges) WHERE b_is_covered
    UNION ALL
    SELECT doc_a, doc_b, kind, similarity, containment_a_in_b
    FROM read_parquet($edges) WHERE NOT b_is_covered
) AS m
JOIN dedup_ranks AS copy ON copy.doc_id = m.doc
JOIN dedup_ranks AS original ON original.doc_id = m.match
ORDER BY original.rank, copy.rank
