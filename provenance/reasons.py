"""Why a record is no document, and why a document has no text: two closed lists.

A code is a stable identifier that users filter on; the sentence beside it is what reports print.
Policy rules bring their own reason names, which may not reuse these.
"""

from __future__ import annotations

from typing import Final

#: A record that is no document. Rows of `rejects.parquet` with `is_record` true.
REJECT: Final[dict[str, str]] = {
    "not_a_response": "the record holds no page (warcinfo, request, metadata, ...)",
    "revisit": "the page was unchanged: a pointer to an earlier capture, without a payload",
    "http_status": "the server answered with an error or a redirect",
    "media_type": "the payload is no HTML and no plain text",
    "robots_txt": "a robots.txt file: instructions for crawlers, no prose",
    "tdmrep_json": "a tdmrep.json file: the site's reservations of rights, no prose",
    "empty_body": "the payload is empty",
    "bad_header": "the record's own header cannot be read",
    "bad_http_header": "the HTTP header of the response cannot be read",
    "undecodable_body": "the payload does not match its declared content encoding",
    "damaged_record": "the compressed data of the record is damaged",
    "truncated_record": "the file ends inside the record",
    "record_too_large": "the record is larger than the limit",
    "decompression_bomb": "the data decompresses to more than the limit",
    "duplicate_record": "the same record was given twice; the other copy is the document",
    "invalid_json": "the line is no JSON object",
    "invalid_utf8": "the line is not valid UTF-8",
    "line_too_long": "the line is longer than the limit",
    "no_text_field": "the row has no value in its text column",
    "text_not_string": "the value in the text column is no string",
}

#: Bytes that belong to no record. Rows of `rejects.parquet` with `is_record` false.
FAULT: Final[dict[str, str]] = {
    "garbage_bytes": "bytes between records that belong to none were skipped",
    "empty_file": "the file holds no bytes",
    "no_records": "no record of the expected format was found in the file",
}

#: A document whose `text` is null. Values of `no_text_reason`, and of `reason` in decisions.
NO_TEXT: Final[dict[str, str]] = {
    "no_main_text": "no main text was found in the page",
    "all_masked": "its page declares all of its text generated, and that was to be masked",
    "binary_content": "the bytes are no text, whatever the header says",
    "undecodable_text": "the bytes could not be decoded in any plausible charset",
    "html_too_large": "the page is larger than the extractor's limit",
    "extractor_failed": "the extractor gave up on the page with an error of its own",
    "html_too_deep": "the page nests elements deeper than the extractor's limit",
}

#: Why the policy engine itself leaves a document out. Values of `reason` in decisions.
DROP: Final[dict[str, str]] = {
    "contaminated": "the text contains an item of a benchmark that was to be excluded",
    "no_stratum": "the document belongs to no stratum of the mix",
    "over_host_cap": "its host had reached the cap of the mix",
    "over_lang_cap": "its language had reached the cap of the mix",
    "over_budget": "its stratum had reached its share of the token budget",
}

#: Why a detector gave no score, or its score no reading. Values of `abstained_<name>`.
ABSTAIN: Final[dict[str, str]] = {
    "no_text": "the document has no text",
    "too_short": "the text has fewer tokens than the detector needs",
    "not_calibrated": "no human reference of this language and length to calibrate on",
    "degenerate": "the text holds no scorable tokens",
    "not_needed": "no further detector could change what becomes of the document",
}

#: What `provenance verify` finds wrong with a dataset.
FINDING: Final[dict[str, str]] = {
    "edited_manifest": "the manifest is not the one that was written",
    "missing_file": "the manifest lists a file that is not there",
    "added_file": "a file is there that the manifest does not list",
    "changed_file": "the bytes of the file are not those that were written",
    "reordered_rows": "the rows are the same, but stand in another order",
    "other_decisions": "the decisions are not those that the Merkle root stands for",
    "other_counts": "the manifest states other counts than the decisions give",
    "missing_documents": "kept documents are in no data file",
    "foreign_documents": "the data files hold documents that no decision keeps so",
    "other_text": "the text is not the one that was decided on",
    "unsigned": "a key was given, but the dataset is not signed",
    "wrong_key": "the signature was made with another key",
    "bad_signature": "the signature does not cover this manifest and this Merkle root",
    "forged_proof": "the proof does not lead to the root",
}


def reserved() -> frozenset[str]:
    """Every code that a policy's own rules may not reuse."""
    return frozenset(REJECT) | frozenset(FAULT) | frozenset(NO_TEXT) | frozenset(DROP)
