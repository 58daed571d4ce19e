SELECT
    count(*)::BIGINT AS documents,
    count(*) FILTER (decision = 'keep')::BIGINT AS kept_documents,
    coalesce(sum(n_tokens * epochs), 0)::BIGINT AS kept_tokens,
    count(*) FILTER (abstained <> 'not_needed')::BIGINT AS abstained,
    count(*) FILTER (anchor_doc IS NOT NULL)::BIGINT AS dated_by_an_earlier_copy
FROM decisions
