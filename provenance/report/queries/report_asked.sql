-- Of one detector: documents with text that it was asked about, that it was spared, and that it
-- gave a score. $score, $abstained: its columns. About texts in languages that its calibration does
-- not know it is not asked: they have no score and no calibration.
WITH own AS (
    SELECT
        file_index, file_row_number,
        COLUMNS(lambda name: name = $score) AS score,
        COLUMNS(lambda name: name = $abstained) AS abstained
    FROM read_parquet($parts, file_row_number = true)
)
SELECT
    count(*) FILTER (
        s.score IS NOT NULL
        OR coalesce(s.abstained, '') NOT IN ('not_needed', 'not_calibrated')
    )::BIGINT AS asked,
    count(*) FILTER (s.abstained = 'not_needed')::BIGINT AS spared,
    count(s.score)::BIGINT AS scored
FROM own AS s
JOIN decisions AS d ON d.part = s.file_index AND d.row = s.file_row_number
WHERE s.abstained IS NULL OR s.abstained <> 'no_text'
