-- Add what was found in one segment, with the archived documents named.
INSERT INTO reference_matches
SELECT
    f.doc_id, $kind, $reference, d.doc_id, f.containment,
    d.url, d.captured_at, d.record_id, d.source_uri, d.source_pos
FROM reference_found AS f
JOIN read_parquet($documents, file_row_number = true) AS d ON d.file_row_number = f.text
