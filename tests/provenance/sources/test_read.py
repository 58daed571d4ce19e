"""Hostile and broken files: each has a reason, none an exception."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from provenance import batch
from provenance.sources.limits import Limits
from provenance.sources.read import read_slice
from provenance.sources.rows import doc_id

SMALL = Limits(
    record_bytes=20_000,
    payload_bytes=20_000,
    line_bytes=1_000,
    header_bytes=4_000,
    bomb_bytes=100_000,
    bomb_ratio=50,
)


def test_documents_follow_the_contract(archives: Any, write: Callable[..., Path]) -> None:
    path = write("a.warc", archives.record(7, b"<p>hello"))

    (part,) = archives.slices(path)
    ((documents, rejects),) = read_slice(part)

    assert documents.schema == batch.schema(batch.added_by("source"))
    assert rejects.schema == batch.REJECTS
    documents.validate(full=True)
    (row,) = documents.to_pylist()
    assert row["captured_at"].isoformat() == "2020-01-02T03:04:05+00:00"
    assert row | {"captured_at": None} == {
        "doc_id": doc_id(f"<urn:uuid:{7:032x}>"),
        "source_uri": str(path),
        "source_pos": 0,
        "record_id": f"<urn:uuid:{7:032x}>",
        "url": "https://example.org/7",
        "host": "example.org",
        "captured_at": None,
        "media_type": "text/html",
        "headers": [("content-type", "text/html"), ("x-n", "7")],
        "truncated": None,
        "raw": b"<p>hello",
    }


def test_doc_id_is_the_published_blake2b_of_the_record_id() -> None:
    # RFC 7693 defines the function; the value is that of b2sum --length=128 over the bytes "abc".
    assert doc_id("abc").hex() == "cf4ab791c62b8d2b2109c90275287816"


def test_records_without_an_id_are_named_by_file_and_position(
    archives: Any, write: Callable[..., Path]
) -> None:
    path = write("sub/a.jsonl", b'{"text": "one"}\n{"text": "two"}\n')

    reading = archives.read(path)

    assert [row["doc_id"] for row in reading.documents] == [
        doc_id("a.jsonl\x000"),
        doc_id("a.jsonl\x0016"),
    ]


@pytest.mark.parametrize("batch_size", [1, 2, 7, 1000])
def test_the_batch_size_changes_the_cut_of_batches_only(
    batch_size: int, archives: Any, write: Callable[..., Path]
) -> None:
    records = [archives.record(n, b"<p>x", kind=("response", "request")[n % 2]) for n in range(20)]
    path = write("a.warc", *records)
    (part,) = archives.slices(path)

    reader = read_slice(part, batch_size=batch_size)
    batches = list(reader)

    assert max(made.documents.num_rows for made in batches) <= batch_size
    assert archives.read(path, batch_size=batch_size).rows == archives.read(path).rows
    assert reader.n_records == 20


def test_an_empty_file_is_a_fault(archives: Any, write: Callable[..., Path]) -> None:
    (reject,) = archives.read(write("a.warc.gz")).rejects

    assert (reject["reason"], reject["is_record"]) == ("empty_file", False)


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "a.warc.zst", "a.arc", "a.arc.gz"])
def test_a_file_without_a_record_is_a_fault(
    name: str, archives: Any, write: Callable[..., Path]
) -> None:
    reading = archives.read(write(name, b"this is no archive at all\n" * 50))

    assert [row["reason"] for row in reading.rejects] == ["garbage_bytes", "no_records"]
    assert reading.n_records == 0


@pytest.mark.parametrize("compression", ["gzip", ""])
@pytest.mark.parametrize("error", [-40, -3, 5, 400])
def test_a_wrong_content_length_costs_its_record_only(
    error: int, compression: str, archives: Any, write: Callable[..., Path]
) -> None:
    wrong = archives.record(1, b"x" * 200)
    n_bytes = int(wrong.partition(b"Content-Length: ")[2].split(b"\r")[0])
    wrong = wrong.replace(b"Length: %d" % n_bytes, b"Length: %d" % (n_bytes + error))
    records = [archives.record(0), wrong, archives.record(2), archives.record(3)]
    path = write("a.warc.gz" if compression else "a.warc", *archives.packed(records, compression))

    reading = archives.read(path)

    assert [row["url"][-1] for row in reading.documents] == ["0", "2", "3"]
    (reject,) = (row for row in reading.rejects if row["is_record"])
    assert (reject["reason"], reject["url"]) == ("damaged_record", "https://example.org/1")
    if not compression:
        data = path.read_bytes()
        assert all(data.startswith(b"WARC", row["source_pos"]) for row in reading.documents)


@pytest.mark.parametrize("compression", ["gzip", "zstd", ""])
def test_a_record_that_declares_gigabytes_is_refused_and_the_next_is_read(
    compression: str, archives: Any, write: Callable[..., Path]
) -> None:
    liar = archives.record(1, b"short", Content_Length="99999999999")
    name = {"gzip": "a.warc.gz", "zstd": "a.warc.zst", "": "a.warc"}[compression]
    path = write(name, *archives.packed([liar, archives.record(2)], compression))

    reading = archives.read(path)

    assert [row["url"] for row in reading.documents] == ["https://example.org/2"]
    assert [reason for reason, _ in reading.reasons] == ["record_too_large"]


@pytest.mark.parametrize("compression", ["gzip", "zstd", "lz4", ""])
def test_a_large_record_is_passed_over_without_being_held(
    compression: str, archives: Any, write: Callable[..., Path]
) -> None:
    large = archives.record(1, archives.prose(1, 500_000))
    records = [archives.record(0), large, archives.record(2)]
    names = {"gzip": "a.warc.gz", "zstd": "a.warc.zst", "lz4": "a.warc.lz4", "": "a.warc"}
    path = write(names[compression], *archives.packed(records, compression))

    reading = archives.read(path, limits=SMALL)

    assert [row["url"][-1] for row in reading.documents] == ["0", "2"]
    assert [reason for reason, _ in reading.reasons] == ["record_too_large"]


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
@pytest.mark.parametrize("is_record", [True, False])
def test_a_bomb_is_given_up_and_the_next_record_is_read(
    is_record: bool, compression: str, archives: Any, write: Callable[..., Path]
) -> None:
    zeros = bytes(3_000_000)
    bomb = archives.record(1, zeros) if is_record else zeros
    records = [archives.record(0), bomb, archives.record(2)]
    path = write("a.warc.gz" if compression == "gzip" else "a.warc.zst",
                 *archives.packed(records, compression))  # fmt: skip

    reading = archives.read(path, limits=SMALL)

    assert [row["url"][-1] for row in reading.documents] == ["0", "2"]
    assert "decompression_bomb" in [reason for reason, _ in reading.reasons]


def test_a_bomb_in_a_content_encoding_is_refused(archives: Any, write: Callable[..., Path]) -> None:
    body = gzip.compress(bytes(3_000_000))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"
    record = archives.record(1, head + body, kind="response", Content_Length="")
    record = wrapped(archives, head + body)

    (reject,) = archives.read(write("a.warc", record), limits=SMALL).rejects

    assert reject["reason"] == "decompression_bomb"


def wrapped(archives: Any, block: bytes, **fields: str) -> bytes:
    """A response record with this block."""
    return archives.record(
        1, block, kind="other", WARC_Type="response",
        Content_Type="application/http; msgtype=response", **fields,
    )  # fmt: skip


@pytest.mark.parametrize("compression", ["gzip", ""])
def test_a_header_of_ten_megabytes_is_refused_and_the_next_record_is_read(
    compression: str, archives: Any, write: Callable[..., Path]
) -> None:
    huge = b"WARC/1.0\r\nWARC-Type: response\r\nX: " + archives.prose(5) * 900 + b"\r\n\r\n"
    name = "a.warc.gz" if compression else "a.warc"
    path = write(name, *archives.packed([huge, archives.record(2)], compression))

    reading = archives.read(path)

    assert len(reading.documents) == 1
    assert [reason for reason, _ in reading.reasons] == ["bad_header"]


def test_an_http_header_beyond_the_limit_is_refused(
    archives: Any, write: Callable[..., Path]
) -> None:
    block = b"HTTP/1.1 200 OK\r\nX: " + b"y" * 9000 + b"\r\n\r\nbody"

    (reject,) = archives.read(write("a.warc", wrapped(archives, block)), limits=SMALL).rejects

    assert reject["reason"] == "bad_http_header"


@pytest.mark.parametrize("inner_compression", ["gzip", ""])
@pytest.mark.parametrize("compression", ["gzip", "zstd", ""])
def test_an_archive_in_a_payload_is_payload(
    compression: str, inner_compression: str, archives: Any, write: Callable[..., Path]
) -> None:
    inner = b"".join(
        archives.packed([archives.record(n, b"inner") for n in range(5)], inner_compression)
    )
    records = [archives.record(10, b"<p>" + inner), archives.record(11, b"<p>after")]
    name = {"gzip": "a.warc.gz", "zstd": "a.warc.zst", "": "a.warc"}[compression]

    reading = archives.read(write(name, *archives.packed(records, compression)))

    assert [row["raw"] for row in reading.documents] == [b"<p>" + inner, b"<p>after"]
    assert reading.rejects == []


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_line_ends_may_be_of_any_kind(
    ending: bytes, archives: Any, write: Callable[..., Path]
) -> None:
    block = ending.join([b"HTTP/1.0 200 Fine", b"content-TYPE:text/PLAIN;x=y", b"", b"hi"])
    lines = [b"warc/1.1", b"warc-type:Response", b"CONTENT-LENGTH : %d" % len(block),
             b"WARC-Target-URI: http://a.example/\xe9", b"", block]  # fmt: skip

    first, _ = archives.read(write("a.warc", ending.join(lines), archives.record(2))).documents

    assert (first["url"], first["media_type"], first["raw"]) == (
        "http://a.example/\u00e9",
        "text/plain",
        b"hi",
    )


def test_nul_bytes_in_a_page_stay_a_page(archives: Any, write: Callable[..., Path]) -> None:
    (row,) = archives.read(write("a.warc", archives.record(1, b"<p>a\0b"))).documents

    assert row["raw"] == b"<p>a\0b"


def test_path_tricks_in_an_address_are_only_text(archives: Any, write: Callable[..., Path]) -> None:
    url = "https://Evil.example:80/../../etc/passwd?%00'; drop"
    record = archives.record(1, b"<p>x", WARC_Target_URI=url)

    (row,) = archives.read(write("a.warc", record)).documents

    assert (row["url"], row["host"]) == (url, "evil.example")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "\xff\xfe"}', "invalid_utf8"),
        (b'{"text": "a"', "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b"[1, 2]", "invalid_json"),
        (b'{"text": "' + b"x" * 2000 + b'"}', "line_too_long"),
        (b'{"url": "http://a.example"}', "no_text_field"),
        (b'{"text": null}', "no_text_field"),
        (b'{"text": 17}', "text_not_string"),
        (b'{"text": "  "}', "empty_body"),
        (b'{"text": ' + b"9" * 900 + b"}", "text_not_string"),
    ],
)
def test_a_bad_line_is_a_reject_between_good_ones(
    line: bytes, reason: str, archives: Any, write: Callable[..., Path]
) -> None:
    good = b'{"text": "good"}\n'
    limits = SMALL if len(line) < 10_000 else None

    reading = archives.read(write("a.jsonl", good, line, b"\n", good), limits=limits)

    assert reading.reasons == [(reason, len(good))]
    assert len(reading.documents) == 2


def test_a_lone_surrogate_in_json_becomes_the_replacement_character(
    archives: Any, write: Callable[..., Path]
) -> None:
    line = b'{"text": "a\\ud800b", "url": "http://x.example/\\udfff"}'

    (row,) = archives.read(write("a.jsonl", line)).documents

    assert row["raw"].decode() == "a\ufffdb"
    assert row["url"] == "http://x.example/\ufffd"


def test_truncated_compressed_json_lines_say_so(archives: Any, write: Callable[..., Path]) -> None:
    lines = [json.dumps({"text": archives.prose(n, 300).decode()}).encode() for n in range(100)]
    packed = gzip.compress(b"\n".join(lines), mtime=0)

    reading = archives.read(write("a.jsonl.gz", packed[: len(packed) // 2]))

    assert 30 < len(reading.documents) < 70
    assert [reason for reason, _ in reading.reasons] == ["truncated_record"]


def test_a_damaged_parquet_file_is_a_fault(archives: Any, write: Callable[..., Path]) -> None:
    reading = archives.read(write("a.parquet", b"PAR1" + b"junk" * 100))

    assert [row["reason"] for row in reading.rejects] == ["no_records"]


def test_a_damaged_row_group_costs_its_own_rows(tmp_path: Path, archives: Any) -> None:
    path = tmp_path / "a.parquet"
    texts = [archives.prose(n, 300).decode() for n in range(30)]
    pq.write_table(pa.table({"text": texts}), path, row_group_size=10, use_dictionary=False)
    column = pq.ParquetFile(path).metadata.row_group(1).column(0)
    data = bytearray(path.read_bytes())
    data[column.data_page_offset : column.data_page_offset + 60] = b"\xff" * 60
    path.write_bytes(bytes(data))

    reading = archives.read(path)

    assert [row["source_pos"] for row in reading.documents] == [*range(10), *range(20, 30)]
    assert reading.reasons == [("damaged_record", row) for row in range(10, 20)]


def test_a_dictionary_frame_at_the_beginning_decodes_the_others(
    archives: Any, write: Callable[..., Path]
) -> None:
    records = [archives.record(n, archives.prose(n, 900)) for n in range(200)]
    dictionary = zstandard.train_dictionary(4000, records)
    packed = zstandard.ZstdCompressor().compress(dictionary.as_bytes())
    maker = zstandard.ZstdCompressor(dict_data=dictionary)
    frames = [maker.compress(record) for record in records]
    for stored in (dictionary.as_bytes(), packed):
        head = b"\x5d\x2a\x4d\x18" + len(stored).to_bytes(4, "little") + stored
        path = write("a.warc.zst", head, *frames)

        assert len(archives.slices(path, 5_000)) > 5
        assert len(archives.read(path, slice_bytes=5_000).documents) == 200


def test_memory_stays_bounded_by_the_batch(archives: Any, write: Callable[..., Path]) -> None:
    page = archives.prose(1, 100_000)
    path = write("a.warc", *(archives.record(n, page) for n in range(300)))
    (part,) = archives.slices(path)

    tracemalloc.start()
    for made in read_slice(part, batch_size=10):
        del made
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak_bytes < 6_000_000
