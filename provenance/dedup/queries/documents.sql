-- Documents with words, once each: a record given twice counts where it is read first.
CREATE TABLE dedup_documents AS
SELECT doc_id, content_hash, captured_at, regexp_replace(host, '^www\.', '') AS site
FROM read_parquet($documents, filename = true, file_row_number = true)
WHERE content_hash IS NOT NULL
    AND doc_id IN (SELECT doc_id FROM read_parquet($signatures) WHERE n_shingles > 0)
QUALIFY row_number() OVER (
    PARTITION BY doc_id ORDER BY list_position($documents, filename), file_row_number
) = 1
