-- `assigned_all` for the documents of this run, with the ids that earlier runs know theirs by.
CREATE OR REPLACE TABLE assigned AS
SELECT
    a.* REPLACE (
        coalesce(keeper.original, a.cluster_id) AS cluster_id,
        coalesce(keeper.original, a.duplicate_of) AS duplicate_of,
        coalesce(lower(hex(lender.original)), a.anchor_doc) AS anchor_doc
    )
FROM assigned_all AS a
JOIN scored USING (doc_id)
LEFT JOIN earlier AS keeper ON keeper.doc_id = a.duplicate_of
LEFT JOIN earlier AS lender ON lender.doc_id = unhex(a.anchor_doc)
