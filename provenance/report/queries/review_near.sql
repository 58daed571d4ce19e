-- $n documents whose detection is closest to the false-positive rate $rate, on either side of it.
SELECT
    lower(hex(d.doc_id)) AS id, d.*,
    s.file_index AS part, s.file_row_number AS row,
    s.host, s.no_text_reason, s.llr, s.llr_low, s.llr_high, s.human_tail, s.abstained
FROM read_parquet($decisions) AS d
JOIN read_parquet($parts, file_row_number = true) AS s USING (doc_id)
WHERE s.human_tail IS NOT NULL
ORDER BY abs(ln(s.human_tail / $rate)), md5(concat_ws('/', $seed::BIGINT, hex(d.doc_id)))
LIMIT $n
