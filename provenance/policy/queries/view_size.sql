-- Documents and tokens of the kept rows in which column $column is true.
SELECT count(*), CAST(coalesce(sum(coalesce(n_tokens, 0) * epochs), 0) AS BIGINT)
FROM decisions
WHERE decision = 'keep' AND struct_extract(decisions, $column)
