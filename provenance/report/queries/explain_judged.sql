-- What people judged of one document.
SELECT kind, polarity, strength, detail FROM read_parquet($judged) WHERE doc_id = unhex($doc_id)
