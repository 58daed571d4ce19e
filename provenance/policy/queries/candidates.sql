-- The documents that one stratum can draw on.
-- tail_weights: doc_id, weight of those that weigh more than 1.
SELECT
    decisions.doc_id,
    coalesce(decisions.n_tokens, 0) AS n_tokens,
    coalesce(tail_weights.weight, 1) AS weight
FROM decisions
LEFT JOIN tail_weights USING (doc_id)
WHERE decisions.reason IS NULL AND decisions.stratum = $stratum
