-- The number of each text's site, by text; null where the host is unknown.
SELECT text, CASE WHEN has_site THEN site END AS site FROM dedup_texts ORDER BY text
