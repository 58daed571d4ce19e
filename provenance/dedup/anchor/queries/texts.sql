-- Distinct texts with words, numbered from the earliest seen; the undated come last.
CREATE OR REPLACE TABLE anchor_texts AS
SELECT row_number() OVER (ORDER BY captured_at NULLS LAST, doc_id) - 1 AS text, *
FROM (
    SELECT doc_id, content_hash, source_uri, source_pos, record_id, url, host, captured_at
    FROM read_parquet($documents)
    WHERE content_hash IS NOT NULL
        AND doc_id IN (SELECT doc_id FROM read_parquet($signatures) WHERE n_shingles > 0)
    QUALIFY row_number() OVER (
        PARTITION BY content_hash
        ORDER BY captured_at NULLS LAST, doc_id, source_uri, source_pos
    ) = 1
)
