-- `viewed` with a boolean per view: true for kept documents for which its predicate is true.
CREATE OR REPLACE TABLE decisions AS
SELECT
    COLUMNS(lambda name: NOT starts_with(name, 'view_')),
    decision = 'keep' AND coalesce(CAST(COLUMNS('^view_.*$') AS BOOLEAN), false) AS "\0"
FROM viewed
