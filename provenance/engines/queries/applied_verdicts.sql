SELECT judged.*
FROM judged
JOIN scored ON scored.doc_id = judged.doc_id AND scored.content_hash = judged.content_hash
ORDER BY judged.doc_id
