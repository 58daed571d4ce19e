-- $n documents with a text, as many of each class as of any other: a class is a decision, its reason
-- and the tier.
SELECT
    lower(hex(d.doc_id)) AS id, d.*,
    s.file_index AS part, s.file_row_number AS row,
    s.host, s.no_text_reason, s.llr, s.llr_low, s.llr_high, s.human_tail, s.abstained
FROM read_parquet($decisions) AS d
JOIN read_parquet($parts, file_row_number = true) AS s USING (doc_id)
WHERE s.no_text_reason IS NULL
QUALIFY row_number() OVER (
    PARTITION BY d.reason, d.tier ORDER BY md5(concat_ws('/', $seed::BIGINT, hex(d.doc_id)))
) <= $n
ORDER BY
    row_number() OVER (
        PARTITION BY d.reason, d.tier ORDER BY md5(concat_ws('/', $seed::BIGINT, hex(d.doc_id)))
    ),
    d.reason,
    d.tier
LIMIT $n
