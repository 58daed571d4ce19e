-- Documents outside the crawl that documents of it match, as `matches/1`.
CREATE OR REPLACE TABLE reference_matches (
    doc_id BLOB, kind VARCHAR, reference VARCHAR, match_id BLOB, containment FLOAT,
    url VARCHAR, captured_at TIMESTAMPTZ, record_id VARCHAR, source_uri VARCHAR, source_pos BIGINT
)
