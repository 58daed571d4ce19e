-- What site-wide files say about training, as the readers left it in their rejects.
SELECT url, reason, detail
FROM read_parquet($parts)
WHERE list_contains($reasons, reason) AND detail IS NOT NULL AND url IS NOT NULL
ORDER BY url, reason, detail
