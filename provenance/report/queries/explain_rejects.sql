-- Rejects of one address or record id.
SELECT * FROM read_parquet($rejects)
WHERE is_record AND (url = $url OR record_id = $url)
ORDER BY source_uri, source_pos
