-- All matches, by document. Copies of one text are a star around the document that had it first.
SELECT
    t.doc_id AS doc_a, d.doc_id AS doc_b, 'exact' AS kind,
    1.0 AS similarity, 1.0 AS containment_a_in_b, 1.0 AS containment_b_in_a,
    true AS a_is_covered, true AS b_is_covered
FROM dedup_documents AS d
JOIN dedup_texts AS t USING (content_hash)
WHERE d.doc_id <> t.doc_id
UNION ALL
SELECT
    a.doc_id, b.doc_id, m.kind,
    m.similarity, m.containment_a_in_b, m.containment_b_in_a, m.a_is_covered, m.b_is_covered
FROM read_parquet($matches) AS m
JOIN dedup_texts AS a ON a.text = m.earlier
JOIN dedup_texts AS b ON b.text = m.later
ORDER BY doc_a, doc_b
