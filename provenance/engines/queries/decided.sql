-- What was decided about the documents of one part, in the order of the store. $columns: which of it.
SELECT COLUMNS(lambda name: list_contains($columns, name))
FROM decisions
WHERE part = $part
ORDER BY row
