-- One row per document: its keeper, and since when its text was there.
CREATE OR REPLACE TABLE dedup_assigned AS
WITH lent AS (
    SELECT
        c.covered AS place,
        min_by(s.captured_at, (s.captured_at, s.lender)) AS captured_at,
        min_by(s.lender, (s.captured_at, s.lender)) AS lender
    FROM dedup_covers AS c
    JOIN dedup_stars AS s ON s.place = c.cover
    WHERE s.captured_at IS NOT NULL
    GROUP BY c.covered
),
texts AS (
    SELECT
        own.star,
        keeper.doc_id AS keeper,
        CASE WHEN lent.captured_at < own.captured_at OR own.captured_at IS NULL
            THEN lent.captured_at ELSE own.captured_at END AS first_seen,
        CASE WHEN lent.captured_at < own.captured_at OR own.captured_at IS NULL
            THEN lent.lender ELSE own.lender END AS lender
    FROM dedup_stars AS own
    JOIN dedup_keepers AS k USING (place)
    JOIN dedup_stars AS keeper ON keeper.place = k.keeper
    LEFT JOIN lent ON lent.place = own.place
),
matched AS (
    SELECT
        c.doc_id, t.keeper, t.first_seen,
        CASE WHEN t.first_seen < c.captured_at OR c.captured_at IS NULL THEN t.lender END AS lender
    FROM dedup_copies AS c
    JOIN texts AS t USING (star)
)
SELECT
    d.doc_id,
    coalesce(m.keeper, d.doc_id) AS cluster_id,
    coalesce(m.keeper, d.doc_id) = d.doc_id AS is_keeper,
    nullif(coalesce(m.keeper, d.doc_id), d.doc_id) AS duplicate_of,
    CASE WHEN m.lender IS NULL THEN d.captured_at ELSE m.first_seen END AS first_seen,
    lower(hex(m.lender)) AS anchor_doc
FROM query_table($documents) AS d
LEFT JOIN matched AS m USING (doc_id)
