-- Distinct texts, numbered from the earliest seen; `doc_id` is the document that had it first.
CREATE TABLE dedup_texts AS
SELECT
    row_number() OVER (ORDER BY captured_at NULLS LAST, doc_id) - 1 AS text,
    doc_id,
    content_hash,
    dense_rank() OVER (ORDER BY site NULLS FIRST) - 1 AS site,
    site IS NOT NULL AS has_site
FROM (
    SELECT * FROM dedup_documents
    QUALIFY row_number() OVER (
        PARTITION BY content_hash ORDER BY captured_at NULLS LAST, doc_id
    ) = 1
)
