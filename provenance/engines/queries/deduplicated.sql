-- Everything that copies are looked for among: this run's documents after those of earlier runs.
CREATE OR REPLACE TABLE deduplicated AS
SELECT doc_id, captured_at, n_tokens, $this_run::INTEGER AS run FROM scored
UNION ALL BY NAME
SELECT doc_id, captured_at, n_tokens, run FROM earlier
