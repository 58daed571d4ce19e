-- Rejects of the readers, in input order.
SELECT record_id, source_uri, source_pos, url, is_record, reason, detail
FROM read_parquet($parts, file_row_number = true)
ORDER BY file_index, file_row_number
