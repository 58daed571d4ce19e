-- Calibrated scores by language and length, in quarters of the score and twentieths of the p value.
-- $starts: the fewest tokens of each length, ascending. $rate: the policy's false-positive rate.
SELECT
    d.lang,
    len(list_filter($starts::INTEGER[], lambda start: start <= s.tokens_linear))::INTEGER AS length,
    CAST(greatest(-80, least(79, floor(s.score_linear * 4))) AS INTEGER) AS score_bin,
    CAST(least(19, floor(s.human_tail * 20)) AS INTEGER) AS tail_bin,
    count(*)::BIGINT AS documents,
    count(*) FILTER (s.human_tail <= $rate::FLOAT)::BIGINT AS flagged
FROM read_parquet($parts, file_row_number = true) AS s
JOIN decisions AS d ON d.part = s.file_index AND d.row = s.file_row_number
WHERE s.llr IS NOT NULL
GROUP BY ALL
ORDER BY ALL
