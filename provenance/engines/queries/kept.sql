-- The same for the documents that are kept.
SELECT * FROM decisions WHERE part = $part AND decision = 'keep' ORDER BY row
