-- What was decided about the documents of one part, in the order of the store.
SELECT * FROM decisions WHERE part = $part ORDER BY row
