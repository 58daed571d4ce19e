-- Documents over a cap are dropped. over_caps: doc_id, reason.
UPDATE decisions
SET reason = over_caps.reason, reasons = list_append(reasons, over_caps.reason)
FROM over_caps
WHERE decisions.doc_id = over_caps.doc_id
