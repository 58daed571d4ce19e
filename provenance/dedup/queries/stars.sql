-- One row per text that has a match, in order of preference: its best copy, and its first.
CREATE TABLE dedup_stars AS
WITH best AS (
    SELECT star, doc_id, captured_at, rank, n_tokens FROM dedup_copies
    QUALIFY row_number() OVER (
        PARTITION BY star ORDER BY captured_at NULLS LAST, rank, n_tokens DESC, doc_id
    ) = 1
)
SELECT
    star,
    row_number() OVER (ORDER BY captured_at NULLS LAST, rank, n_tokens DESC, doc_id) - 1 AS place,
    doc_id,
    captured_at
FROM best
