-- Hosts per group.
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
    count(DISTINCT d.host) AS hosts
FROM scored AS d
LEFT JOIN strata AS s USING (doc_id)
GROUP BY ALL
