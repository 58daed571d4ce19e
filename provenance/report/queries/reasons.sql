SELECT reason, count(*)::BIGINT AS documents, coalesce(sum(n_tokens), 0)::BIGINT AS tokens
FROM decisions WHERE decision = 'drop' GROUP BY reason ORDER BY documents DESC, reason
