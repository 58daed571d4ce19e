"""What the user names becomes a list of files, or one error with every problem."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest

from provenance.errors import InputError
from provenance.sources.formats import Kind, by_name
from provenance.sources.inputs import COMMON_CRAWL, list_inputs

LINE = b'{"text": "a"}\n'


def names(*inputs: object, base: str | None = None) -> list[str]:
    return [file.name for file in list_inputs([str(one) for one in inputs], base=base).files]


def test_a_folder_gives_its_files_sorted_by_relative_name(
    write: Callable[..., Path], tmp_path: Path
) -> None:
    for name in ("b/z.jsonl", "a/2.jsonl", "a/10.jsonl", "c.jsonl"):
        write(name, LINE)

    assert names(tmp_path) == ["a/10.jsonl", "a/2.jsonl", "b/z.jsonl", "c.jsonl"]


def test_what_a_folder_holds_besides_is_named_with_a_reason(
    write: Callable[..., Path], tmp_path: Path
) -> None:
    for name in ("a.jsonl", ".hidden.jsonl", "notes.txt", "warc.paths"):
        write(name, LINE if "jsonl" in name else b"hello")

    skipped = list_inputs([str(tmp_path)]).skipped

    assert sorted(Path(line.partition(": ")[0]).name for line in skipped) == [
        ".hidden.jsonl",
        "notes.txt",
        "warc.paths",
    ]


@pytest.mark.parametrize("content", [b'[\n {"text": "a"}\n]', b'{\n  "text": "a"\n}', b"[]"])
def test_one_json_document_is_no_json_lines(
    write: Callable[..., Path], tmp_path: Path, content: bytes
) -> None:
    """A manifest beside the shards gave a reject for each of its lines."""
    write("manifest.json", content)
    write("lines.json", LINE)

    inputs = list_inputs([str(tmp_path)])

    assert [file.name for file in inputs.files] == ["lines.json"]
    assert "manifest.json: of no known format" in inputs.skipped[0]


def test_a_file_reached_twice_counts_once(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write("a.jsonl", LINE)
    (tmp_path / "link.jsonl").symlink_to(path)

    assert names(path, tmp_path, f"file://{path}", tmp_path / "*.jsonl") == ["a.jsonl"]


def test_roots_keep_the_order_given(write: Callable[..., Path], tmp_path: Path) -> None:
    write("x/1.jsonl", LINE)
    write("y/0.jsonl", LINE)

    assert names(tmp_path / "y", tmp_path / "x") == ["0.jsonl", "1.jsonl"]


def test_a_glob_is_relative_to_its_fixed_part(write: Callable[..., Path], tmp_path: Path) -> None:
    write("d/x/1.jsonl", LINE)
    write("d/y/2.jsonl", LINE)

    assert names(tmp_path / "d/*/*.jsonl") == ["x/1.jsonl", "y/2.jsonl"]
    assert names(tmp_path / "d/**") == ["x/1.jsonl", "y/2.jsonl"]


def test_files_of_the_same_name_get_longer_names(
    write: Callable[..., Path], tmp_path: Path
) -> None:
    write("x/a.jsonl", LINE)
    write("y/a.jsonl", LINE)

    assert names(tmp_path / "x", tmp_path / "y") == ["x/a.jsonl", "y/a.jsonl"]
    assert names(tmp_path / "x/a.jsonl", tmp_path / "y/a.jsonl") == ["x/a.jsonl", "y/a.jsonl"]


def test_every_problem_is_reported_at_once(write: Callable[..., Path], tmp_path: Path) -> None:
    write("crawl.warc.gz", gzip.compress(b"WARC/1.0\r\n", mtime=0))
    text = write("notes.txt", b"hello")

    with pytest.raises(InputError) as caught:
        list_inputs([str(tmp_path / "crawl.wrc.gz"), str(text), str(tmp_path / "*.none")])

    missing, unknown, unmatched = caught.value.problems
    assert missing.suggestion == str(tmp_path / "crawl.warc.gz")
    assert unknown.what == "of no known format"
    assert unmatched.what == "does not exist"


def test_no_file_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file to read"):
        list_inputs([str(tmp_path)])


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("x", gzip.compress(b"WARC/1.0\r\nWARC-Type: a\r\n", mtime=0), Kind("warc", "gzip")),
        ("x.jsonl", b"WARC/0.18\r\nWARC-Type: a\r\n", Kind("warc", "")),
        ("x.gz", b"filedesc://a.arc 0.0.0.0 20080430204825 text/plain 77\n", Kind("arc", "")),
        ("x", b"\xef\xbb\xbf" + LINE, Kind("jsonl", "")),
        ("x.json.gz", gzip.compress(LINE, mtime=0), Kind("jsonl", "gzip")),
        ("x.jsonl", gzip.compress(LINE, mtime=0), Kind("jsonl", "gzip")),
        ("x.warc.gz", b"", Kind("warc", "gzip")),
        ("x.warc", b"{ damaged", Kind("warc", "")),
    ],
)
def test_a_format_is_known_by_its_bytes_then_by_its_name(
    name: str, data: bytes, kind: Kind, write: Callable[..., Path]
) -> None:
    (file,) = list_inputs([str(write(name, data))]).files

    assert Kind(file.format, file.compression) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("CC-MAIN-1.warc.wet.gz", Kind("warc", "gzip")),
        ("a.WAT", Kind("warc", "")),
        ("a.ndjson.zst", Kind("jsonl", "zstd")),
        ("a.pq", Kind("parquet", "")),
        ("wet.paths.gz", Kind("paths", "gzip")),
        ("warc", None),
        ("a.txt.gz", None),
    ],
)
def test_names_tell_formats(name: str, kind: Kind | None) -> None:
    assert by_name(name) == kind


def test_a_list_of_paths_names_common_crawl_files(write: Callable[..., Path]) -> None:
    entry = "crawl-data/CC-MAIN-2021-49/segments/1/wet/a.warc.wet.gz"
    path = write("wet.paths.gz", gzip.compress(entry.encode() + b"\n\n", mtime=0))

    (file,) = list_inputs([str(path)]).files
    (based,) = list_inputs([str(path)], base="s3://commoncrawl/").files

    assert (file.uri, file.name, file.size) == (COMMON_CRAWL + entry, entry, None)
    assert based.uri == "s3://commoncrawl/" + entry
    assert (file.format, file.compression) == ("warc", "gzip")


def test_a_list_of_paths_prefers_the_files_beside_it(write: Callable[..., Path]) -> None:
    beside = write("a.jsonl", LINE)
    below = write("deep/b.jsonl", LINE)
    path = write("x.paths", b"some/where/a.jsonl\r\ndeep/b.jsonl\n")

    files = list_inputs([str(path)]).files

    assert [file.uri for file in files] == [str(beside), str(below)]


@pytest.mark.parametrize("entry", ["../../etc/x.warc.gz", "no spaces or suffix", "x.paths"])
def test_a_bad_entry_of_a_list_is_named_with_its_line(
    entry: str, write: Callable[..., Path]
) -> None:
    path = write("x.paths", f"a.warc.gz\n{entry}\n".encode())

    with pytest.raises(InputError, match=r"x\.paths:2"):
        list_inputs([str(path)])


def test_any_file_system_of_fsspec_is_read_like_a_disk(
    archives: Any, write: Callable[..., Path]
) -> None:
    data = b"".join(archives.packed([archives.record(n) for n in range(30)], "gzip"))
    local = archives.read(write("crawl/a.warc.gz", data))
    store = fsspec.filesystem("memory")
    store.pipe("/bucket/crawl/a.warc.gz", data)

    for given in ("memory://bucket/crawl", "memory://bucket/crawl/*.gz",
                  "memory://bucket/crawl/a.warc.gz"):  # fmt: skip
        remote = archives.read(given, slice_bytes=50_000)
        assert remote.rows == local.rows
    with pytest.raises(InputError, match="does not exist"):
        list_inputs(["memory://bucket/none.warc.gz"])
    store.rm("/bucket", recursive=True)
