-- Copies of records given twice, as rejects that name the copy which is the document.
WITH given AS (
    SELECT file_index AS part, file_row_number AS row, record_id, source_uri, source_pos, url
    FROM read_parquet($parts, file_row_number = true)
)
SELECT
    again.record_id, again.source_uri, again.source_pos, again.url,
    true AS is_record,
    'duplicate_record' AS reason,
    'first at ' || first.source_uri || ' position ' || first.source_pos AS detail
FROM repeats
JOIN given AS again USING (part, row)
JOIN given AS first ON first.part = repeats.first_part AND first.row = repeats.first_row
ORDER BY again.part, again.row
