-- Decisions about one document, by id, by address or by record id.
SELECT lower(hex(doc_id)) AS id, * FROM read_parquet($decisions)
WHERE doc_id = unhex($doc_id) OR url = $url OR record_id = $url
ORDER BY captured_at, source_uri, source_pos
