-- What is marked, by the name of the site.
SELECT DISTINCT names.site, m.hash
FROM dedup_marked AS m
JOIN (
    SELECT DISTINCT t.site AS number, d.site
    FROM dedup_texts AS t
    JOIN dedup_documents AS d USING (doc_id)
    WHERE t.has_site
) AS names ON names.number = m.site
ORDER BY names.site, m.hash
