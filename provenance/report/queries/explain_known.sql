-- The address most like the given one, when any is close enough to have been meant.
SELECT url FROM read_parquet($decisions) WHERE jaro_winkler_similarity(url, $url) > 0.9
ORDER BY jaro_winkler_similarity(url, $url) DESC, url LIMIT 1
