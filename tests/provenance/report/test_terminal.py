"""What a person reads at the end of a run, word for word."""

from __future__ import annotations

from pathlib import Path

from provenance.report.terminal import render, table

SUMMARY = {
    "records": 1200,
    "documents": 1000,
    "kept_documents": 700,
    "kept_tokens": 1234567,
    "abstained": 30,
    "dated_by_an_earlier_copy": 2,
    "rejects": {"media_type": 50, "not_a_response": 150},
    "faults": {"garbage_bytes": 1},
    "dropped": [
        {"reason": "too_short", "documents": 200, "tokens": 900},
        {"reason": "no_main_text", "documents": 100, "tokens": 0},
    ],
    "tiers": [
        {
            "tier": 1,
            "tier_reason": "captured_before_cutoff",
            "documents": 1000,
            "kept_documents": 700,
            "kept_tokens": 1234567,
        }
    ],
    "train_ai": [
        {"train_ai": "denied", "documents": 40, "kept_documents": 30, "kept_tokens": 5000},
        {
            "train_ai": "unspecified",
            "documents": 960,
            "kept_documents": 670,
            "kept_tokens": 1229567,
        },
    ],
    "languages": [{"lang": "en", "documents": 1000, "kept_documents": 700, "kept_tokens": 1234567}],
}
STRATUM = {
    "name": "early",
    "share": 1.0,
    "share_achieved": 1.0,
    "kept_documents": 700,
    "kept_tokens": 1234567,
    "supply_tokens": 2000000,
}
MANIFEST = {
    "summary": SUMMARY,
    "mix": {"strata": [STRATUM]},
    "input": {"files": 1, "skipped_files": ["crawl/notes.txt: of no known format"]},
    "policy": {"drop": [{"reason": "too_short", "when": "n_chars < 200"}]},
}


def test_the_summary_word_for_word() -> None:
    assert (
        render(MANIFEST, Path("out"))
        == """\
1,200 records in 1 file = 1,000 documents + 200 rejects
1,000 documents = 700 kept (1,234,567 tokens) + 300 dropped
dated by an earlier copy: 2 documents
no detector could judge: 30 documents
not read: 1 file, such as crawl/notes.txt: of no known format

stratum  share wanted   share  documents     tokens     supply
early          1.0000  1.0000        700  1,234,567  2,000,000

tier  because                                             documents  kept  kept tokens
1     captured by the crawler before the policy's cutoff      1,000   700    1,234,567

dropped       because                             documents  tokens
too_short     policy: n_chars < 200                     200     900
no_main_text  no main text was found in the page        100       0

rejected        because                                                      records
not_a_response  the record holds no page (warcinfo, request, metadata, ...)      150
media_type      the payload is no HTML and no plain text                          50

fault in a file  what                                                    places
garbage_bytes    bytes between records that belong to none were skipped       1

may train AI  documents  kept  kept tokens
denied               40    30        5,000
unspecified         960   670    1,229,567

language  documents  kept  kept tokens
en            1,000   700    1,234,567

the dataset is in out/data, the report in out/report.html
what became of one page: provenance explain out URL"""
    )


def test_a_table_without_rows_is_nothing() -> None:
    assert table(("a", "b"), []) == ""
