-- Documents and tokens per group, cell and bin of the score; cell and bin are null where no cell
-- reads the score. $by: the kind of group.
SELECT
    coalesce(
        CASE $by
            WHEN 'all' THEN 'all'
            WHEN 'host' THEN d.host
            WHEN 'language' THEN d.lang
            WHEN 'month' THEN strftime(d.captured_at, '%Y-%m')
            WHEN 'stratum' THEN s.stratum
        END,
        'unknown'
    ) AS name,
    c.cell,
    CAST(len(list_filter(c.edges, lambda edge: edge < d.score)) AS INTEGER) AS bin,
    count(*) AS documents,
    CAST(coalesce(sum(d.n_tokens), 0) AS BIGINT) AS tokens
FROM scored AS d
LEFT JOIN strata AS s USING (doc_id)
LEFT JOIN cells AS c
    ON d.score IS NOT NULL
    AND d.lang = c.language
    AND d.scored_tokens BETWEEN c.min_tokens AND c.max_tokens
GROUP BY ALL
ORDER BY ALL
