"""Parquet parts: the bytes depend on the rows alone."""

from __future__ import annotations

import itertools
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
