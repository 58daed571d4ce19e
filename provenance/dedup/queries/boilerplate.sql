-- Hashes that enough pages of one site hold. Of the versions of a page, the first alone counts.
CREATE OR REPLACE TABLE dedup_boilerplate AS
SELECT h.site, h.hash
FROM dedup_hashes AS h
JOIN dedup_sites AS s USING (site)
GROUP BY h.site, h.hash
HAVING count(*) FILTER (WHERE h.is_first) >= greatest(
    $boilerplate_pages, $boilerplate_share * any_value(s.n_pages)
)
