-- What entered and left, by column $group; the groups with the most tokens
-- on the move. n_groups: of all.
SELECT
    CAST(struct_extract(pairs, $group) AS VARCHAR) AS name,
    count(*) FILTER (after = 'kept')::BIGINT AS entered_documents,
    sum(tokens_after)::BIGINT AS entered_tokens,
    count(*) FILTER (before = 'kept')::BIGINT AS left_documents,
    sum(tokens_before)::BIGINT AS left_tokens,
    count(*) OVER ()::BIGINT AS n_groups
FROM pairs
WHERE (before = 'kept') <> (after = 'kept')
GROUP BY name
ORDER BY entered_tokens + left_tokens DESC, name
LIMIT $n
