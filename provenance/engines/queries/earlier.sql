-- Documents of earlier runs, once each: `doc_id` as here, `original` as there.
CREATE OR REPLACE TABLE earlier AS
SELECT * FROM read_parquet($parts)
QUALIFY row_number() OVER (PARTITION BY doc_id ORDER BY source_uri, source_pos) = 1
