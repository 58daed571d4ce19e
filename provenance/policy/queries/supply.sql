-- What each stratum offers: documents that no rule dropped, and their tokens.
SELECT stratum, count(*) AS documents, CAST(sum(coalesce(n_tokens, 0)) AS BIGINT) AS tokens
FROM decisions
WHERE reason IS NULL AND stratum IS NOT NULL
GROUP BY stratum
