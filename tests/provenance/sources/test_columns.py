"""Which field is which column, and what is said when there is none."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from provenance import batch
from provenance.errors import InputError
from provenance.sources.columns import Columns, check_columns
from provenance.sources.inputs import list_inputs
from provenance.sources.rows import doc_id
from provenance.sources.tabular import from_arrow

C4 = {"text": "a", "url": "http://a.example/", "timestamp": "2019-04-25T12:57:54Z"}
DOLMA = {
    "id": "d1",
    "text": "a",
    "source": "cc",
    "added": "2019-04-25T12:57:54.000Z",
    "created": "2001-01-01T00:00:00.000Z",
    "metadata": {"url": "http://a.example/"},
}
FINEWEB = {
    "text": "a",
    "id": "<urn:uuid:1>",
    "dump": "CC-MAIN-2019-18",
    "url": "http://a.example/",
    "date": "2019-04-25T12:57:54Z",
    "file_path": "s3://x",
    "language": "en",
}


def check(path: Path, **columns: str) -> None:
    check_columns(list_inputs([str(path)]).files, Columns(**columns))


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".parquet"])
@pytest.mark.parametrize(
    ("row", "record_id"), [(C4, None), (DOLMA, "d1"), (FINEWEB, "<urn:uuid:1>")]
)
def test_the_fields_of_known_corpora_are_recognised(
    row: dict[str, Any], record_id: str | None, suffix: str, tmp_path: Path, archives: Any
) -> None:
    path = tmp_path / f"a{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist([row]), path)
    else:
        data = json.dumps(row).encode()
        path.write_bytes(gzip.compress(data) if suffix.endswith(".gz") else data)

    check(path)
    (document,) = archives.read(path).documents

    assert document["captured_at"] == datetime(2019, 4, 25, 12, 57, 54, tzinfo=UTC)
    assert (document["url"], document["host"]) == ("http://a.example/", "a.example")
    assert (document["record_id"], document["raw"]) == (record_id, b"a")
    assert document["doc_id"] == doc_id(f"a{suffix}\x000")


def test_named_columns_are_taken_and_a_record_id_names_the_document(
    archives: Any, write: Callable[..., Path]
) -> None:
    path = write("a.jsonl", b'{"body": {"main": "x"}, "link": "http://b.example", "key": 17}')
    columns = Columns(text="body.main", url="link", record_id="key")

    check_columns(list_inputs([str(path)]).files, columns)
    (document,) = archives.read(path, columns=columns).documents

    assert (document["raw"], document["url"]) == (b"x", "http://b.example")
    assert (document["record_id"], document["doc_id"]) == ("17", doc_id("17"))


def test_every_missing_column_is_named_with_the_nearest(
    write: Callable[..., Path], tmp_path: Path
) -> None:
    write("a.jsonl", b'{"texte": "x", "link": "y"}\n')
    pq.write_table(pa.table({"body": ["x"], "lnk": ["y"]}), tmp_path / "b.parquet")

    with pytest.raises(InputError) as caught:
        check(tmp_path, url="link")

    assert [(Path(p.where).name, p.suggestion) for p in caught.value.problems] == [
        ("a.jsonl", "texte"),
        ("b.parquet", "lnk"),
        ("b.parquet", None),
    ]


@pytest.mark.parametrize(
    "column", [pa.array([1]), pa.array([b"x"]), pa.array([["x"]]), pa.array([{"a": "x"}])]
)
def test_a_text_column_of_another_type_is_refused(column: pa.Array, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": column}), path)

    with pytest.raises(InputError, match="not text"):
        check(path)


@pytest.mark.parametrize("kind", [pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_text_of_any_arrow_kind_is_read(kind: pa.DataType, tmp_path: Path, archives: Any) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": pa.array(["x", None, ""]).cast(kind)}), path)

    check(path)
    reading = archives.read(path)

    assert [row["raw"] for row in reading.documents] == [b"x"]
    assert reading.reasons == [("no_text_field", 1), ("empty_body", 2)]


def test_json_lines_without_text_are_refused_before_reading(write: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="no text column"):
        check(write("a.jsonl", b'{"url": "x"}\n' * 3))
    with pytest.raises(InputError, match="not text"):
        check(write("b.jsonl", b'{"text": 7}\n' * 3))


def test_unreadable_files_are_left_to_the_reader(write: Callable[..., Path]) -> None:
    check(write("a.parquet", b"junk"))
    check(write("a.jsonl", b"junk\n"))


def test_a_users_batch_keeps_its_rows() -> None:
    given = pa.RecordBatch.from_pylist([{"text": "a", "url": "http://x.example"}, {"text": None}])

    made = from_arrow(given, Columns(), name="batches", first_row=10)

    assert made.schema == batch.schema(batch.added_by("source"))
    assert made.column("raw").to_pylist() == [b"a", None]
    assert made.column("source_pos").to_pylist() == [10, 11]
    assert made.column("doc_id").to_pylist() == [doc_id("batches\x0010"), doc_id("batches\x0011")]


def test_a_users_batch_without_text_is_refused() -> None:
    with pytest.raises(InputError, match="no text column"):
        from_arrow(pa.RecordBatch.from_pylist([{"a": 1}]), Columns(), name="b", first_row=0)
