-- What grading reads, one row per document, with the date lent by a direct earlier copy.
SELECT
    s.doc_id, s.url, s.captured_at, a.first_seen, s.llr, s.llr_low, s.llr_high, s.human_tail,
    s.pointing AS evidence, s.page_rights
FROM scored AS s
JOIN assigned AS a USING (doc_id)
