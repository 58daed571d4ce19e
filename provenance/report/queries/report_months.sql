-- Documents by month of capture (null = unknown), tier and p_synthetic in hundredths; millionths are
-- summed as integers, so that the mean is the same in any order of rows.
SELECT
    CAST(date_trunc('month', captured_at) AS DATE) AS month,
    tier,
    CAST(least(floor(p_synthetic * 100), 99) AS INTEGER) AS bin,
    count(*)::BIGINT AS documents,
    coalesce(sum(n_tokens), 0)::BIGINT AS tokens,
    sum(CAST(round(p_synthetic * 1e6) AS BIGINT))::BIGINT AS millionths
FROM decisions
GROUP BY ALL
ORDER BY ALL
