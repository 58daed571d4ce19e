-- Pairs of alike texts by the kind of their match.
SELECT kind, count(*)::BIGINT AS pairs FROM read_parquet($duplicates) GROUP BY kind ORDER BY kind
