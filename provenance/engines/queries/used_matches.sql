-- Matches with documents outside the crawl that a decision names, once each.
SELECT m.*
FROM reference_matches AS m
JOIN decisions AS d USING (doc_id)
WHERE (m.kind IN ('anchor', 'earlier_run') AND d.anchor_doc = lower(hex(m.match_id)))
    OR (m.kind = 'earlier_run' AND d.duplicate_of = m.match_id)
    OR (m.kind = 'item' AND d.contaminated_by = m.match_id)
QUALIFY row_number() OVER (PARTITION BY m.doc_id, m.kind, m.match_id ORDER BY m.reference) = 1
ORDER BY m.doc_id, m.kind, m.match_id
