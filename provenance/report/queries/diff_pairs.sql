-- Every document of either dataset with what became of it in each; state: 'kept', 'dropped: ' and why,
-- or 'absent'. tokens: those it counts for, once per epoch.
CREATE TABLE pairs AS
WITH a AS (
    SELECT *, CASE WHEN decision = 'keep' THEN 'kept' ELSE 'dropped: ' || reason END AS state
    FROM read_parquet($a)
),
b AS (
    SELECT *, CASE WHEN decision = 'keep' THEN 'kept' ELSE 'dropped: ' || reason END AS state
    FROM read_parquet($b)
)
SELECT
    coalesce(a.state, 'absent') AS before,
    coalesce(b.state, 'absent') AS after,
    coalesce(a.n_tokens * a.epochs, 0)::BIGINT AS tokens_before,
    coalesce(b.n_tokens * b.epochs, 0)::BIGINT AS tokens_after,
    CASE WHEN b.decision = 'keep' THEN coalesce(b.stratum, a.stratum)
        ELSE coalesce(a.stratum, b.stratum) END AS stratum,
    CASE WHEN b.decision = 'keep' THEN b.lang ELSE a.lang END AS lang,
    lower(regexp_extract(
        coalesce(b.url, a.url), '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]+)', 1
    )) AS host,
    year(CASE WHEN b.decision = 'keep' THEN b.captured_at ELSE a.captured_at END) AS year
FROM a
FULL JOIN b ON a.doc_id = b.doc_id
