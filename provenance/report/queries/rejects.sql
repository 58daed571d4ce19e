SELECT reason, is_record, count(*)::BIGINT AS n
FROM read_parquet($rejects) GROUP BY reason, is_record ORDER BY n DESC, reason
