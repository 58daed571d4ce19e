-- Documents with a match, each with the document its exact copies are a star around.
CREATE TABLE dedup_copies AS
WITH matches AS (
    SELECT doc_a, doc_b, kind FROM read_parquet($duplicates)
    WHERE kind = 'exact' OR $near_duplicates
),
stars AS (SELECT doc_b AS doc_id, doc_a AS star FROM matches WHERE kind = 'exact'),
involved AS (SELECT doc_a AS doc_id FROM matches UNION SELECT doc_b FROM matches)
SELECT
    d.doc_id, coalesce(s.star, d.doc_id) AS star,
    coalesce(d.run, 0) AS run,
    d.captured_at, coalesce(d.rank, 0) AS rank, coalesce(d.n_tokens, 0) AS n_tokens
FROM (
    SELECT doc_id, run, captured_at, rank, n_tokens
    FROM (
        SELECT * FROM query_table($documents)
        -- The caller may leave `run` and `rank` out.
        UNION ALL BY NAME SELECT NULL::INTEGER AS run, NULL::INTEGER AS rank WHERE false
    )
) AS d
JOIN involved USING (doc_id)
LEFT JOIN stars AS s USING (doc_id)
