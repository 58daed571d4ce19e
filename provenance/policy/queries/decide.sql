-- `documents` with, for each, every rule it fails, in order, and the stratum it belongs to.
-- ruled: `documents` with one boolean per rule (__rule_0, ...: the first is "has no text") and
-- per stratum (__stratum_0, ...), in the policy's order; null counts as false.
-- $reasons: the reason of each rule after the first. $strata: the name of each stratum.
CREATE OR REPLACE TABLE decisions AS
WITH judged AS (
    SELECT
        COLUMNS(lambda name: NOT starts_with(name, '__')),
        list_where(
            list_prepend(no_text_reason, CAST($reasons AS VARCHAR[])),
            list_transform(
                [*COLUMNS('^__rule_[0-9]+$')],
                lambda fails: coalesce(CAST(fails AS BOOLEAN), false)
            )
        ) AS failed,
        list_extract(
            CAST($strata AS VARCHAR[]),
            list_position([*COLUMNS('^__stratum_[0-9]+$')], true)
        ) AS stratum
    FROM ruled
)
SELECT
    * EXCLUDE (failed),
    -- Two rules may share a reason: it is listed once.
    list_filter(failed, lambda name, place: list_position(failed, name) = place) AS reasons,
    failed[1] AS reason
FROM judged
