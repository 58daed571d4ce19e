-- Documents by quality_form in twentieths, kept and dropped.
SELECT
    CAST(least(19, floor(s.quality_form * 20)) AS INTEGER) AS bin,
    count(*)::BIGINT AS documents,
    count(*) FILTER (d.decision = 'keep')::BIGINT AS kept_documents
FROM read_parquet($parts, file_row_number = true) AS s
JOIN decisions AS d ON d.part = s.file_index AND d.row = s.file_row_number
WHERE s.quality_form IS NOT NULL
GROUP BY 1
ORDER BY 1
