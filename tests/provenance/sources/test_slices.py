"""However a file is cut, the slices hold the same rows, once each."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from provenance.sources import slices as slicing
from provenance.sources.slices import Slice

SUFFIX = {"gzip": ".warc.gz", "zstd": ".warc.zst", "lz4": ".warc.lz4", "": ".warc"}

compressions = st.sampled_from(sorted(SUFFIX))
payloads = st.lists(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=300).map(str.encode),
        st.integers(0, 3000).map(lambda n: b"WARC" * n),
    ),
    max_size=8,
)
kinds = st.sampled_from(["response", "request", "metadata"])


@pytest.fixture
def room(archives: Any, tmp_path: Path) -> tuple[Any, Path]:
    return archives, tmp_path


anywhere = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def shards(draw: st.DrawFn) -> tuple[str, list[bytes], str]:
    return draw(compressions), draw(payloads), draw(kinds)


def made(archives: Any, compression: str, bodies: list[bytes], kind: str = "response") -> bytes:
    records = [archives.record(n, body, kind=kind) for n, body in enumerate(bodies)]
    return b"".join(archives.packed(records, compression))


def assert_cuts_agree(archives: Any, path: Path, slice_bytes: int) -> None:
    whole = archives.read(path)
    parts = archives.slices(path, slice_bytes)
    cut = archives.read(path, slice_bytes=slice_bytes)

    assert cut.rows == whole.rows or sorted(map(str, cut.rows)) == sorted(map(str, whole.rows))
    assert cut.n_records == whole.n_records
    assert list(cut.ends) == [part.end for part in parts]
    assert [part.start for part in parts[1:]] == [part.end for part in parts[:-1]]


@anywhere
@given(shard=shards(), slice_bytes=st.integers(1, 5000))
def test_every_cut_of_an_intact_archive_gives_the_same_rows(
    shard: tuple[str, list[bytes], str], slice_bytes: int, tmp_path: Path, archives: Any
) -> None:
    compression, bodies, kind = shard
    path = tmp_path / f"a{SUFFIX[compression]}"
    path.write_bytes(made(archives, compression, bodies, kind))

    assert_cuts_agree(archives, path, slice_bytes)


@anywhere
@given(
    compression=compressions,
    slice_bytes=st.integers(200, 5000),
    at=st.floats(0, 1, exclude_max=True),
    damage=st.tuples(st.binary(min_size=1, max_size=200), st.booleans()),
)
@example(compression="", slice_bytes=300, at=0.0, damage=(b"\n", True))
@example(compression="", slice_bytes=300, at=0.0, damage=(b"PAR1", False))
@example(compression="", slice_bytes=300, at=0.0, damage=(b"{", True))
@example(compression="gzip", slice_bytes=300, at=0.0, damage=(b"\0", False))
def test_every_cut_of_a_damaged_archive_gives_the_same_rows(
    compression: str, slice_bytes: int, at: float, damage: tuple[bytes, bool], room: Any
) -> None:
    archives, path = room[0], room[1] / f"a{SUFFIX[compression]}"
    data = made(archives, compression, [archives.prose(number, 700) for number in range(8)])
    wrong, is_inserted = damage
    begin = int(at * len(data))
    end = begin if is_inserted else begin + len(wrong)
    path.write_bytes(data[:begin] + wrong + data[end:])

    whole = archives.read(path)
    cut = archives.read(path, slice_bytes=slice_bytes)

    assert {row["doc_id"] for row in cut.documents} == {row["doc_id"] for row in whole.documents}
    assert len(whole.documents) >= 6


@pytest.mark.parametrize("slice_bytes", [100_000, 700_000, 3_000_000])
def test_every_cut_of_a_crawl_shard_gives_the_same_rows(
    slice_bytes: int, crawl: Path, archives: Any
) -> None:
    path = crawl / "polluted/crawl-sample-00001.warc.gz"

    assert len(archives.slices(path, slice_bytes)) >= 3
    assert_cuts_agree(archives, path, slice_bytes)


def test_an_archive_in_a_payload_shows_in_where_the_reader_ended(
    archives: Any, write: Callable[..., Path]
) -> None:
    inner = made(archives, "", [archives.prose(100 + n, 500) for n in range(20)])
    path = write("a.warc", archives.record(0, inner), archives.record(1, b"after"))

    first, second = archives.slices(path, 8_000)[:2]
    reader = archives.reader(first)
    list(reader)

    assert first.end == second.start
    assert reader.end > second.start
    assert reader.n_records == 1


def test_a_page_that_quotes_a_record_is_not_cut_there(
    archives: Any, write: Callable[..., Path]
) -> None:
    quote = b"<pre>\nWARC/1.0\r\nWARC-Type: response\r\nContent-Length: 9\r\n\r\n" + b"words " * 999
    path = write("a.warc", archives.record(0, quote), archives.record(1))

    parts = archives.slices(path, 50)

    assert [part.start for part in parts] == [0, path.read_bytes().rindex(b"WARC/1.0")]


@pytest.mark.parametrize("tail", [0, 1])
@pytest.mark.parametrize("slice_bytes", [500, 3_000, 8_000])
def test_slices_read_from_where_the_one_before_ended_give_the_payload_once(
    slice_bytes: int, tail: int, archives: Any, write: Callable[..., Path]
) -> None:
    inner = made(archives, "", [archives.prose(100 + n, 500) for n in range(20)])
    records = [archives.record(0, b"x"), archives.record(1, inner), archives.record(2, b"x")]
    path = write("a.warc", *records[: 2 + tail])

    cut = archives.read(path, slice_bytes=slice_bytes)

    assert cut.rows == archives.read(path).rows
    assert cut.n_records == 2 + tail


def test_a_file_in_one_gzip_member_is_one_slice(archives: Any, write: Callable[..., Path]) -> None:
    data = made(archives, "", [archives.prose(n) for n in range(10)])
    path = write("a.warc.gz", gzip.compress(data))

    assert len(archives.slices(path, 1000)) == 1


def test_a_slice_survives_json() -> None:
    part = Slice("s3://b/a.warc.gz", "a.warc.gz", "warc", "gzip", 12, 345)

    assert Slice.from_dict(json.loads(json.dumps(part.to_dict()))) == part


lines = st.lists(
    st.one_of(
        st.text(max_size=40).map(lambda text: json.dumps({"text": text}).encode()),
        st.binary(max_size=30).map(lambda data: data.replace(b"\n", b"")),
    ),
    max_size=20,
)


@anywhere
@given(lines=lines, slice_bytes=st.integers(1, 300), ending=st.sampled_from([b"\n", b"\r\n"]))
def test_every_cut_of_json_lines_gives_the_same_rows(
    lines: list[bytes], slice_bytes: int, ending: bytes, tmp_path: Path, archives: Any
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "first"}' + ending + ending.join(lines))

    assert_cuts_agree(archives, path, slice_bytes)


def test_json_lines_have_the_same_positions_compressed_or_not(
    archives: Any, write: Callable[..., Path]
) -> None:
    data = b"".join(json.dumps({"text": f"text {n}" * n}).encode() + b"\n" for n in range(50))

    plain = archives.read(write("a.jsonl", data))
    packed = archives.read(write("a.jsonl.gz", gzip.compress(data)))

    assert [row["source_pos"] for row in plain.documents] == [
        row["source_pos"] for row in packed.documents
    ]


@pytest.mark.parametrize("slice_bytes", [1, 4000, 10**9])
def test_every_cut_of_parquet_gives_the_same_rows(
    slice_bytes: int, tmp_path: Path, archives: Any
) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table({"text": [f"text {n} " * 9 for n in range(1000)]})
    pq.write_table(table, path, row_group_size=130)

    reading = archives.read(path, slice_bytes=slice_bytes)

    assert [row["source_pos"] for row in reading.documents] == list(range(1000))


def test_no_boundary_is_looked_for_further_than_the_bound(
    archives: Any, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slicing, "BOUNDARY_SEARCH_BYTES", 100)
    path = write("a.warc", *(archives.record(n) for n in range(5)))

    assert_cuts_agree(archives, path, 9_000)
