-- Every scored document without its text; (part, row) is its place in the store.
CREATE TABLE scored AS
SELECT
    list_position($parts, filename) - 1 AS part,
    file_row_number AS row,
    doc_id, source_uri, source_pos, record_id, url, host, captured_at, media_type, truncated,
    charset, no_text_reason, content_hash, lang, lang_confidence, n_chars, n_tokens, rarity, evidence,
    score_linear, tokens_linear, abstained_linear, llr, llr_low, llr_high, human_tail
FROM read_parquet($parts, filename = true, file_row_number = true)
