-- One row per text that has a match, in order of preference: its best copy, and its first.
CREATE TABLE dedup_stars AS
WITH best AS (
    SELECT
        *,
        -- The best copy is the first one, unless an earlier run kept a later one.
        first_value(doc_id) OVER first AS lender,
        first_value(captured_at) OVER first AS first_captured_at
    FROM dedup_copies
    WINDOW first AS (
        PARTITION BY star ORDER BY captured_at NULLS LAST, rank, n_tokens DESC, doc_id
    )
    QUALIFY row_number() OVER (
        PARTITION BY star ORDER BY run, captured_at NULLS LAST, rank, n_tokens DESC, doc_id
    ) = 1
)
SELECT
    star,
    row_number() OVER (
        ORDER BY run, captured_at NULLS LAST, rank, n_tokens DESC, doc_id
    ) - 1 AS place,
    doc_id,
    lender,
    first_captured_at AS captured_at
FROM best
