-- Every pair worth comparing, once.
SELECT earlier, later FROM dedup_shared
GROUP BY earlier, later HAVING sum(n_shared) >= $min_shared
UNION
SELECT earlier, later FROM dedup_alike
ORDER BY earlier, later
