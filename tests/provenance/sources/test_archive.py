"""Real archives, the broken ones included, and the crawl whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from provenance import reasons

#: Records where the count is not the larger of warcio's and FastWARC's, and why ours is right.
COUNTED_OTHERWISE = {
    # warcio stops with an error in the first record's block; these are the records there are.
    "iipc__webarchive-commons/IAH-20080430204825-00000-blackbook-truncated.arc": 9,
    # filedesc, dns, robots.txt, then two damaged records (the one whose date is "null" is no
    # record head, and its bytes are garbage on record).
    "archivesunleashed__aut/badexample.arc.gz": 5,
    # an ARC 2 header line has ten fields; warcio knows five.
    "richardlehane__webarchive/hello-world2.arc": 2,
    # warcio counts HTTP header blocks after a wrong Content-Length as records; six have a head.
    "oduwsdl__ipwb/broken.warc": 6,
    # one head each: warcio counts what follows its unreadable header as a second record.
    "richardlehane__webarchive/invalid-warcfile-fields-empty.warc": 1,
    "richardlehane__webarchive/invalid-warcfile-fields-invalidformat.warc": 1,
    # "WARC/1.2.3.4.5" and "WARC/2.0" are heads, of versions nobody knows: bad_header.
    "richardlehane__webarchive/invalid-warcheaderversion-13.warc": 1,
    "richardlehane__webarchive/invalid-warcheaderversion-8.warc": 1,
    # warcio counts an empty line, and a line of prose, as a record.
    "richardlehane__webarchive/invalid-warcheaderversion-20.warc": 0,
    "richardlehane__webarchive/invalid-warcreader-diagnosis-1.warc": 0,
    # both readers stop at the first missing or wrong Content-Length; the file has six heads.
    "richardlehane__webarchive/invalid-warcrecord-1.warc": 6,
    "richardlehane__webarchive/invalid-warcrecord-3.warc": 6,
}


@pytest.fixture(scope="module")
def samples(crawl: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((crawl / "samples/manifest.json").read_text())
    return entries


def test_every_sample_archive_is_read_and_every_record_accounted_for(
    samples: list[dict[str, Any]], crawl: Path, archives: Any
) -> None:
    counts, expected = {}, {}
    for entry in samples:
        reading = archives.read(crawl / "samples" / entry["file"])
        counts[entry["file"]] = reading.n_records
        lenient = max(entry["warcio_records"], entry["fastwarc_records"])
        expected[entry["file"]] = COUNTED_OTHERWISE.get(entry["file"], lenient)
        n_rejected = sum(row["is_record"] for row in reading.rejects)
        assert len(reading.documents) + n_rejected == reading.n_records

    assert len(counts) == 192
    assert counts == expected


def test_the_reasons_of_the_samples_are_of_the_closed_lists(
    samples: list[dict[str, Any]], crawl: Path, archives: Any
) -> None:
    for entry in samples:
        for row in archives.read(crawl / "samples" / entry["file"]).rejects:
            known = reasons.REJECT if row["is_record"] else reasons.FAULT
            assert row["reason"] in known


@pytest.mark.parametrize("shard", range(4))
def test_every_record_of_the_polluted_crawl_is_a_document_or_a_reject(
    shard: int, crawl: Path, archives: Any
) -> None:
    truth = pq.read_table(
        crawl / "truth.parquet", columns=["record_id", "shard", "kind", "http_status"]
    ).to_pylist()
    reading = archives.read(crawl / f"polluted/crawl-sample-{shard:05}.warc.gz")
    documents = {row["record_id"] for row in reading.documents}
    rejects = {row["record_id"]: row["reason"] for row in reading.rejects}
    here = [row for row in truth if f"{shard:05}" in str(row["shard"])]
    pages = {"real_page", "human_text", "ai_text", "mixed_text", "near_dup", "exact_dup"}

    assert here
    for row in here:
        if row["kind"] in pages:
            assert row["record_id"] in documents
        elif row["kind"] in ("http_error", "redirect", "revisit"):
            assert rejects[row["record_id"]] in ("http_status", "revisit")
        else:
            assert (row["record_id"] in documents) != (row["record_id"] in rejects)


def test_a_wet_file_gives_its_texts(crawl: Path, archives: Any) -> None:
    reading = archives.read(crawl / "crawl-sample-00000.warc.wet.gz")

    assert len(reading.documents) == 933
    assert {row["media_type"] for row in reading.documents} == {"text/plain"}
    assert {row["headers"][0][1] for row in reading.documents} == {"text/plain; charset=utf-8"}


def test_json_lines_of_c4_form_give_their_texts_and_dates(crawl: Path, archives: Any) -> None:
    reading = archives.read(crawl / "polluted.jsonl.gz")

    assert len(reading.documents) == 3708
    assert all(row["captured_at"] and row["host"] for row in reading.documents)
