-- Documents of a segment, by the numbers of their texts.
SELECT file_row_number AS text, doc_id, source_uri, source_pos, record_id, url, captured_at
FROM read_parquet($documents, file_row_number = true)
WHERE file_row_number IN (SELECT unnest($texts))
ORDER BY text
