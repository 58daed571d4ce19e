-- `documents` with, for each, every rule it fails, in order, and the stratum it belongs to.
-- ruled: `documents` with one boolean per rule (__rule_0, ...: the first is "has no text", the
-- second "holds an excluded benchmark item") and
-- per stratum (__stratum_0, ...), in the policy's order; null counts as false.
-- $reasons: the reason of each rule after the first. $over_quality: whether that rule reads
-- quality columns. $strata: the name of each stratum. Columns view_<name> are carried along.
CREATE OR REPLACE TABLE decisions AS
WITH judged AS (
    SELECT
        COLUMNS(lambda name: NOT starts_with(name, '__')),
        list_transform(
            [*COLUMNS('^__rule_[0-9]+$')],
            lambda fails: coalesce(CAST(fails AS BOOLEAN), false)
        ) AS fails,
        list_prepend(no_text_reason, CAST($reasons AS VARCHAR[])) AS names,
        list_extract(
            CAST($strata AS VARCHAR[]),
            list_position([*COLUMNS('^__stratum_[0-9]+$')], true)
        ) AS stratum
    FROM ruled
), failed AS (
    SELECT
        *,
        list_where(names, fails) AS failed,
        list_where(
            names,
            list_transform(
                fails,
                lambda fails, place:
                    fails AND NOT list_extract(
                        list_prepend(false, CAST($over_quality AS BOOLEAN[])), place
                    )
            )
        )[1] AS firm_reason
    FROM judged
)
SELECT
    * EXCLUDE (fails, names, failed),
    -- Two rules may share a reason: it is listed once.
    list_filter(failed, lambda name, place: list_position(failed, name) = place) AS reasons,
    failed[1] AS reason,
    false AS protected
FROM failed
