-- Documents and tokens of the rows in which column $column is true.
SELECT count(*), CAST(coalesce(sum(coalesce(n_tokens, 0) * epochs), 0) AS BIGINT)
FROM decisions
WHERE struct_extract(decisions, $column)
