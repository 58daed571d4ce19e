-- Documents that a mix may draw on, with what caps ask about.
SELECT
    decisions.doc_id,
    coalesce(decisions.n_tokens, 0) AS n_tokens,
    coalesce(tail_weights.weight, 1) AS weight,
    decisions.host,
    decisions.lang
FROM decisions
LEFT JOIN tail_weights USING (doc_id)
WHERE decisions.reason IS NULL AND decisions.stratum IS NOT NULL
