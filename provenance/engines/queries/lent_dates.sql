-- `assigned` with the dates that archives lend, where they are earlier than what is known.
CREATE OR REPLACE TABLE assigned AS
WITH lent AS (
    SELECT doc_id, captured_at, match_id FROM reference_matches
    WHERE kind = 'anchor'
    QUALIFY row_number() OVER (PARTITION BY doc_id ORDER BY captured_at, match_id) = 1
)
SELECT
    a.* REPLACE (
        CASE WHEN l.captured_at < coalesce(a.first_seen, 'infinity'::TIMESTAMPTZ)
            THEN l.captured_at ELSE a.first_seen END AS first_seen,
        CASE WHEN l.captured_at < coalesce(a.first_seen, 'infinity'::TIMESTAMPTZ)
            THEN lower(hex(l.match_id)) ELSE a.anchor_doc END AS anchor_doc
    )
FROM assigned AS a
LEFT JOIN lent AS l USING (doc_id)
