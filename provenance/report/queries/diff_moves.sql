-- Documents whose fate changed, by what it was and what it became.
SELECT
    before,
    after,
    count(*)::BIGINT AS documents,
    sum(tokens_after - tokens_before)::BIGINT AS tokens
FROM pairs
WHERE before <> after
GROUP BY before, after
ORDER BY abs(sum(tokens_after - tokens_before)) DESC, documents DESC, before, after
