-- What was seen in one document.
SELECT
    media_type, charset, truncated, no_text_reason, lang_confidence, evidence,
    COLUMNS('^(score|tokens|part|abstained)_'), llr, llr_low, llr_high, human_tail, abstained,
    COLUMNS('^quality_'),
    left(text, 300) AS beginning
FROM read_parquet($parts) WHERE doc_id = unhex($doc_id) LIMIT 1
