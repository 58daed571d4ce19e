-- Copies of records given twice, as rejects that name the copy which is the document.
SELECT
    record_id, source_uri, source_pos, url, true AS is_record, 'duplicate_record' AS reason,
    'first at ' || first_uri || ' position ' || first_pos AS detail
FROM repeats
ORDER BY part, row
