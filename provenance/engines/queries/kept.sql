-- Kept rows of one part, in the order of the store.
SELECT * FROM decisions WHERE part = $part AND decision = 'keep' ORDER BY row
