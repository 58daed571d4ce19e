-- What people judged joins the facts that point somewhere.
UPDATE scored
SET pointing = list_append(pointing, {
    'kind': judged.kind, 'polarity': judged.polarity, 'strength': judged.strength,
    'detail': judged.detail
})
FROM judged
WHERE scored.doc_id = judged.doc_id AND scored.content_hash = judged.content_hash
