-- The rarest human documents stay, whatever the rules over quality columns say; `reasons` keeps
-- what these said.
CREATE OR REPLACE TABLE decisions AS
SELECT
    decisions.* EXCLUDE (firm_reason, reason),
    firm_reason IS NULL AND reason IS NOT NULL AND weight IS NOT NULL AS protected,
    CASE WHEN weight IS NULL THEN reason ELSE firm_reason END AS reason
FROM decisions
LEFT JOIN tail_weights USING (doc_id)
