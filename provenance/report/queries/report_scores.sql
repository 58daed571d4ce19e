-- Calibrated scores of one detector by language and length, in quarters of the score.
-- $score, $tokens, $part: its columns. $starts: the fewest tokens of each length, ascending.
-- $rate: the policy's false-positive rate, which flags by what all detectors say together.
WITH own AS (
    SELECT
        file_index, file_row_number, human_tail,
        COLUMNS(lambda name: name = $score) AS score,
        COLUMNS(lambda name: name = $tokens) AS tokens,
        COLUMNS(lambda name: name = $part) AS part
    FROM read_parquet($parts, file_row_number = true)
)
SELECT
    d.lang,
    len(list_filter($starts::INTEGER[], lambda start: start <= s.tokens))::INTEGER AS length,
    CAST(greatest(-80, least(79, floor(s.score * 4))) AS INTEGER) AS score_bin,
    count(*)::BIGINT AS documents,
    count(*) FILTER (s.human_tail <= $rate::FLOAT)::BIGINT AS flagged
FROM own AS s
JOIN decisions AS d ON d.part = s.file_index AND d.row = s.file_row_number
WHERE s.part IS NOT NULL
GROUP BY ALL
ORDER BY ALL
