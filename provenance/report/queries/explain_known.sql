SELECT url FROM read_parquet($decisions) WHERE url IS NOT NULL
ORDER BY jaro_winkler_similarity(url, $url) DESC, url LIMIT 1
