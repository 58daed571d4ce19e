-- Every document with what is known of it and of its copies.
SELECT s.*, a.* EXCLUDE (doc_id)
FROM scored AS s
JOIN assigned AS a USING (doc_id)
