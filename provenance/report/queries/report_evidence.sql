-- Documents that have a fact of each sort, once each however often they have it.
WITH facts AS (
    SELECT
        file_index AS part,
        file_row_number AS row,
        unnest(list_distinct(list_transform(
            evidence,
            lambda fact: {
                'kind': fact.kind, 'polarity': fact.polarity, 'strength': fact.strength
            }
        ))) AS fact
    FROM read_parquet($parts, file_row_number = true)
    WHERE len(evidence) > 0
)
SELECT
    fact.kind,
    fact.polarity,
    fact.strength,
    count(*)::BIGINT AS documents,
    count(*) FILTER (d.decision = 'keep')::BIGINT AS kept_documents,
    coalesce(sum(d.n_tokens * d.epochs), 0)::BIGINT AS kept_tokens
FROM facts
JOIN decisions AS d USING (part, row)
GROUP BY 1, 2, 3
ORDER BY documents DESC, 1, 2, 3
