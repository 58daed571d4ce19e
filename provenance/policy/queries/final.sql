-- `decisions` with the decision, weight and epochs of every document, and its reasons complete.
-- selection: doc_id, epochs of the documents the mix counts. $balanced: whether there is a mix;
-- without one, every document that no rule dropped counts once.
CREATE OR REPLACE TABLE decisions AS
WITH joined AS (
    SELECT
        decisions.* EXCLUDE (reason, reasons, firm_reason),
        decisions.reason AS ruled_out,
        decisions.reasons AS failed,
        tail_weights.weight AS tail_weight,
        selection.epochs AS selected,
        CASE
            WHEN NOT $balanced THEN NULL
            WHEN decisions.stratum IS NULL THEN 'no_stratum'
            WHEN decisions.reason IS NULL AND selection.epochs IS NULL THEN 'over_budget'
        END AS left_out
    FROM decisions
    LEFT JOIN tail_weights ON tail_weights.doc_id = decisions.doc_id
    LEFT JOIN selection ON selection.doc_id = decisions.doc_id
)
SELECT
    * EXCLUDE (ruled_out, failed, tail_weight, selected, left_out),
    CASE WHEN coalesce(ruled_out, left_out) IS NULL THEN 'keep' ELSE 'drop' END AS decision,
    coalesce(ruled_out, left_out) AS reason,
    CASE WHEN left_out IS NULL THEN failed ELSE list_append(failed, left_out) END AS reasons,
    CAST(coalesce(tail_weight, 1) AS FLOAT) AS weight,
    CAST(
        CASE WHEN coalesce(ruled_out, left_out) IS NULL THEN coalesce(selected, 1) ELSE 0 END
        AS INTEGER
    ) AS epochs
FROM joined
