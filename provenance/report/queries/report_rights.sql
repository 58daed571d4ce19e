-- Documents whose page states a preference for each use, once each.
WITH stated AS (
    SELECT
        file_index AS part,
        file_row_number AS row,
        unnest(list_distinct(list_transform(
            page_rights, lambda one: {'use': one.use, 'preference': one.preference}
        ))) AS one
    FROM read_parquet($parts, file_row_number = true)
    WHERE len(page_rights) > 0
)
SELECT
    one.use,
    one.preference,
    count(*)::BIGINT AS documents,
    count(*) FILTER (d.decision = 'keep')::BIGINT AS kept_documents,
    coalesce(sum(d.n_tokens * d.epochs), 0)::BIGINT AS kept_tokens
FROM stated
JOIN decisions AS d USING (part, row)
GROUP BY 1, 2
ORDER BY documents DESC, 1, 2
