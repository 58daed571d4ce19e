-- The rarest human documents stay, whatever the rules over quality columns say; `reasons` keeps
-- what these said. tail_weights holds none that another rule dropped.
UPDATE decisions
SET reason = NULL, protected = true
FROM tail_weights
WHERE decisions.doc_id = tail_weights.doc_id
    AND decisions.reason IS NOT NULL
