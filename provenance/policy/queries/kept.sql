-- Documents and tokens by stratum and reason, for the report. Tokens count once per epoch.
SELECT
    stratum,
    reason,
    count(*) AS documents,
    CAST(sum(coalesce(n_tokens, 0) * epochs) AS BIGINT) AS tokens
FROM decisions
GROUP BY ALL
ORDER BY ALL
