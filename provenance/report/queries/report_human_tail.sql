-- What all detectors say together, by language, in twentieths of the p value.
-- $rate: the policy's false-positive rate.
SELECT
    lang,
    CAST(least(19, floor(human_tail * 20)) AS INTEGER) AS bin,
    count(*)::BIGINT AS documents,
    count(*) FILTER (human_tail <= $rate::FLOAT)::BIGINT AS flagged
FROM decisions
WHERE llr IS NOT NULL
GROUP BY ALL
ORDER BY ALL
