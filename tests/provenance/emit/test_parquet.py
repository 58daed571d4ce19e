"""Parquet parts: the bytes depend on the rows alone."""

from __future__ import annotations

import itertools
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance import batch as contract
from provenance.emit import parquet
from provenance.emit.parquet import PartWriter

SCHEMA = pa.schema([pa.field("n", pa.int64(), nullable=False), pa.field("text", pa.large_string())])


def rows(n: int) -> pa.RecordBatch:
    texts = pa.array([f"text {i}" for i in range(n)], pa.large_string())
    return pa.record_batch([pa.array(range(n)), texts], schema=SCHEMA)


def write(path: Path, batches: list[pa.RecordBatch]) -> bytes:
    with PartWriter(str(path), SCHEMA) as writer:
        for batch in batches:
            writer.write(batch)
    return path.read_bytes()


@given(cuts=st.lists(st.integers(0, 50), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_cut_of_the_batches_leaves_no_trace(
    cuts: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "ROW_GROUP_ROWS", 16)
    whole = rows(50)
    bounds = [0, *sorted(cuts), 50]
    pieces = [whole.slice(a, b - a) for a, b in itertools.pairwise(bounds)]

    cut = write(tmp_path / "cut.parquet", pieces)

    assert cut == write(tmp_path / "whole.parquet", [whole])


def test_row_groups_hold_the_same_number_of_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "ROW_GROUP_ROWS", 16)

    write(tmp_path / "part.parquet", [rows(40)])

    metadata = pq.read_metadata(tmp_path / "part.parquet")
    assert [metadata.row_group(i).num_rows for i in range(3)] == [16, 16, 8]


def test_a_part_without_rows_still_has_its_schema(tmp_path: Path) -> None:
    write(tmp_path / "part.parquet", [])

    assert pq.read_table(tmp_path / "part.parquet").schema == SCHEMA


def test_short_text_that_repeats_has_a_dictionary_and_nothing_else_has(tmp_path: Path) -> None:
    schema = contract.schema(["doc_id", "url", "text", "lang", "llr", "evidence", "reasons"])
    fact = {"kind": "declared", "polarity": "human", "strength": "weak", "detail": None}
    row = {"doc_id": bytes(16), "url": "u", "text": "t", "lang": "en", "llr": 0.5,
           "evidence": [fact], "reasons": ["synthetic"]}  # fmt: skip
    path = tmp_path / "part.parquet"
    with PartWriter(str(path), schema) as writer:
        writer.write(pa.RecordBatch.from_pylist([row], schema=schema))

    group = pq.read_metadata(path).row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    assert {c.path_in_schema for c in columns if "RLE_DICTIONARY" in c.encodings} == {
        "lang",
        "reasons.list.element",
        *(f"evidence.list.element.{name}" for name in fact),
    }
    assert pq.read_table(path).to_pylist() == [row]
