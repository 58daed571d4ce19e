-- Documents of earlier runs that documents of this one are dropped for, or dated by.
INSERT INTO reference_matches
SELECT DISTINCT
    a.doc_id, 'earlier_run', e.plan, e.original, NULL::FLOAT,
    e.url, e.captured_at, e.record_id, e.source_uri, e.source_pos
FROM assigned_all AS a
JOIN scored USING (doc_id)
JOIN earlier AS e ON e.doc_id = a.duplicate_of OR e.doc_id = unhex(a.anchor_doc)
