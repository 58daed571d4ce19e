-- Documents outside the crawl that one document matched.
SELECT
    kind, lower(hex(match_id)) AS id, reference, containment, url, captured_at, record_id,
    source_uri, source_pos
FROM read_parquet($matches) WHERE doc_id = unhex($doc_id) ORDER BY kind
