-- Which text covers which by a direct match.
CREATE TABLE dedup_covers AS
SELECT covered.place AS covered, cover.place AS cover
FROM (
    SELECT doc_a AS covered, doc_b AS cover FROM read_parquet($duplicates)
    WHERE kind <> 'exact' AND $near_duplicates AND a_is_covered
    UNION ALL
    SELECT doc_b, doc_a FROM read_parquet($duplicates)
    WHERE kind <> 'exact' AND $near_duplicates AND b_is_covered
) AS m
JOIN dedup_stars AS covered ON covered.star = m.covered
JOIN dedup_stars AS cover ON cover.star = m.cover
