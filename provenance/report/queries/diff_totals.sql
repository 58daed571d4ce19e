SELECT
    count(*)::BIGINT AS documents,
    count(*) FILTER (before = 'absent')::BIGINT AS only_after,
    count(*) FILTER (after = 'absent')::BIGINT AS only_before,
    count(*) FILTER (before = 'kept')::BIGINT AS kept_before,
    count(*) FILTER (after = 'kept')::BIGINT AS kept_after,
    coalesce(sum(tokens_before), 0)::BIGINT AS tokens_before,
    coalesce(sum(tokens_after), 0)::BIGINT AS tokens_after,
    count(*) FILTER (
        before = 'kept' AND after = 'kept' AND tokens_before <> tokens_after
    )::BIGINT AS recounted_documents,
    coalesce(sum(tokens_after - tokens_before) FILTER (
        before = 'kept' AND after = 'kept'
    ), 0)::BIGINT AS recounted_tokens
FROM pairs
