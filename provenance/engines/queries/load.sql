-- What deciding needs of every scored document; (part, row) is its place in the store.
CREATE TABLE scored AS
SELECT
    file_index AS part,
    file_row_number AS row,
    COLUMNS(lambda name: list_contains($columns, name)),
    -- Facts that point somewhere; the others are most of all facts.
    list_filter(evidence, lambda fact: fact.polarity <> 'neutral') AS pointing
FROM read_parquet($parts, file_row_number = true)
