"""The sample crawl of the examples: always the same, sound where it should be, truly labelled."""

import gzip
import io
import json
import os
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

EXAMPLES = Path(__file__).parents[2] / "examples"
GZIP_HEAD = b"\x1f\x8b\x08"

Row = dict[str, Any]


def run_script(folder: Path, *, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(EXAMPLES / "make_sample_crawl.py"), str(folder)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass
class Sample:
    """The built sample, read back: its records, the members that are damaged, its truth."""

    folder: Path
    truth: list[Row]
    records: list[Row] = field(default_factory=list)
    n_damaged: int = 0

    def of_kind(self, kind: str, label: str | None = None) -> list[Row]:
        return [r for r in self.truth if r["kind"] == kind and label in (None, r["label"])]


def members(data: bytes) -> Iterator[bytes | None]:
    """The gzip members of `data` as they are, None for one that does not decompress."""
    start = 0
    while start < len(data):
        decompressor = zlib.decompressobj(31)
        try:
            decompressor.decompress(data[start:])
        except zlib.error:
            start = data.index(GZIP_HEAD, start + len(GZIP_HEAD))
            yield None
            continue
        end = len(data) - len(decompressor.unused_data)
        yield data[start:end]
        start = end


def parsed(member: bytes, shard: str) -> Row:
    """The one record of `member`; warcio raises when a digest does not match."""
    (row,) = [
        {
            "shard": shard,
            "type": record.rec_type,
            "id": record.rec_headers.get_header("WARC-Record-ID"),
            "concurrent": record.rec_headers.get_header("WARC-Concurrent-To"),
            "url": record.rec_headers.get_header("WARC-Target-URI"),
            "date": record.rec_headers.get_header("WARC-Date"),
            "body": record.content_stream().read(),
        }
        for record in ArchiveIterator(io.BytesIO(member), check_digests="raise")
    ]
    return row


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("sample") / "crawl"
    done = run_script(folder)
    assert done.returncode == 0, done.stderr
    lines = folder.with_name("crawl-truth.jsonl").read_text("utf-8").splitlines()
    built = Sample(folder, [json.loads(line) for line in lines])
    for path in sorted(folder.glob("*.warc.gz")):
        for member in members(path.read_bytes()):
            if member is None:
                built.n_damaged += 1
            else:
                built.records.append(parsed(member, path.name))
    return built


def test_a_second_build_gives_the_same_bytes(sample: Sample, tmp_path: Path) -> None:
    again = tmp_path / "crawl"

    run_script(again, hash_seed="1")

    built = {path.name: path.read_bytes() for path in sample.folder.iterdir()}
    assert {path.name: path.read_bytes() for path in again.iterdir()} == built
    first = sample.folder.with_name("crawl-truth.jsonl").read_bytes()
    assert again.with_name("crawl-truth.jsonl").read_bytes() == first


def test_every_record_but_the_damaged_one_parses_with_sound_digests(sample: Sample) -> None:
    assert sample.n_damaged == 1
    types = Counter(record["type"] for record in sample.records)

    assert types["warcinfo"] == 4
    assert types["request"] == types["metadata"] == types["response"] + types["revisit"] + 1


def test_the_truth_lists_every_response_and_revisit_exactly_once(sample: Sample) -> None:
    answers = [r for r in sample.records if r["type"] in ("response", "revisit")]
    found = Counter((r["id"], r["url"], r["shard"], r["date"]) for r in answers)
    listed = Counter(
        (row["record_id"], row["url"], row["shard"], row["captured_at"])
        for row in sample.truth
        if row["record_id"] and row["kind"] != "damaged"
    )

    assert found == listed
    assert set(found.values()) == {1}
    assert len(sample.of_kind("damaged")) == 1


def test_the_truth_lists_every_sound_line_of_the_forum_exactly_once(sample: Sample) -> None:
    lines = gzip.decompress((sample.folder / "forum.jsonl.gz").read_bytes()).decode().splitlines()
    posts = [json.loads(line) for line in lines[:-2]]

    listed = [row["url"] for row in sample.truth if row["record_id"] is None]
    assert [post["url"] for post in posts] == listed
    assert all(post.keys() == {"text", "url", "timestamp"} for post in posts)
    assert "text" not in json.loads(lines[-1])
    with pytest.raises(json.JSONDecodeError):
        json.loads(lines[-2])


def test_each_answer_points_at_its_request(sample: Sample) -> None:
    requests = {r["id"]: r["url"] for r in sample.records if r["type"] == "request"}
    answers = [r for r in sample.records if r["type"] in ("response", "revisit")]

    assert all(requests[answer["concurrent"]] == answer["url"] for answer in answers)


def test_there_are_enough_pages_of_each_origin(sample: Sample) -> None:
    human = [row["captured_at"] for row in sample.of_kind("human_page", "human")]

    assert sum(date < "2022" for date in human) >= 150
    assert sum(date > "2022" for date in human) >= 100
    assert len(sample.of_kind("ai_page", "ai")) >= 60
    assert len(sample.of_kind("mirror", "human")) >= 30


def test_machine_written_text_is_never_dated_before_the_cutoff(sample: Sample) -> None:
    dates = [row["captured_at"] for row in sample.truth if row["label"] == "ai"]

    assert min(dates) > "2022"


def test_every_copy_is_later_than_the_record_it_copies(sample: Sample) -> None:
    dates = {row["record_id"]: row["captured_at"] for row in sample.truth if row["record_id"]}
    copies = [row for row in sample.truth if row["dup_of"]]

    assert {row["kind"] for row in copies} == {
        "mirror", "exact_dup", "near_dup", "excerpt", "truncated_copy", "revisit", "forum_copy",
    }  # fmt: skip
    assert all(row["captured_at"] > dates[row["dup_of"]] for row in copies)


def test_exact_duplicates_hold_the_bytes_of_their_originals(sample: Sample) -> None:
    bodies = {record["id"]: record["body"] for record in sample.records}

    for row in sample.of_kind("exact_dup"):
        assert bodies[row["record_id"]] == bodies[row["dup_of"]]


def test_the_payload_left_chunked_and_gzipped_decodes_to_a_page(sample: Sample) -> None:
    bodies = {record["id"]: record["body"] for record in sample.records}
    rows = [row for row in sample.truth if row["note"] == "payload left chunked and gzip-encoded"]

    assert len(rows) == 4
    assert all(bodies[row["record_id"]].startswith(b"<!DOCTYPE html>") for row in rows)


def test_the_pages_with_a_wrong_charset_are_no_text_in_it(sample: Sample) -> None:
    bodies = {record["id"]: record["body"] for record in sample.records}
    rows = [r for r in sample.truth if r["note"] == "windows-1252 bytes declared utf-8"]

    assert rows
    for row in rows:
        with pytest.raises(UnicodeDecodeError):
            bodies[row["record_id"]].decode("utf-8")


def test_the_folder_stays_below_three_megabytes(sample: Sample) -> None:
    assert sum(path.stat().st_size for path in sample.folder.iterdir()) < 3_000_000


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    done = run_script(tmp_path)

    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_each_synthetic_text_says_who_wrote_it_and_under_which_licence() -> None:
    lines = (EXAMPLES / "synthetic_texts.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]

    assert len({row["id"] for row in rows}) == len(rows) >= 60
    assert {row["generator"] for row in rows} == {
        "language model (Claude), written for this sample"
    }
    assert {row["licence"] for row in rows} == {"Apache-2.0"}
    spaced = [row for row in rows if row["language"] not in ("zh", "ja")]
    assert all(150 <= len(row["text"].split()) <= 350 for row in spaced)


def test_the_readme_explains_every_kind(sample: Sample) -> None:
    readme = (EXAMPLES / "README.md").read_text("utf-8")

    assert [row["kind"] for row in sample.truth if f"`{row['kind']}`" not in readme] == []
