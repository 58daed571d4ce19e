from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from provenance.emit import ordered

SCHEMA = pa.schema([pa.field("text", pa.large_string()), pa.field("n", pa.int64())])


def batches(places: list[int], rows: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(places), rows):
        part = places[start : start + rows]
        columns = [pa.array([f"text {p}" for p in part], pa.large_string()), pa.array(part),
                   pa.array(part)]  # fmt: skip
        yield pa.RecordBatch.from_arrays(columns, schema=ordered.placed_schema(SCHEMA))


def write(folder: Path, n_rows: int, *, rows_per_shard: int, batch: int = 7) -> list[str]:
    folder.mkdir()
    places = np.random.default_rng(n_rows).permutation(n_rows).tolist()
    return ordered.write_ordered(
        batches(places, batch),
        folder,
        schema=SCHEMA,
        n_rows=n_rows,
        rows_per_shard=rows_per_shard,
        scratch=folder / "scratch",
        finished=lambda: None,
    )


@pytest.mark.parametrize(
    ("n_rows", "rows_per_shard"),
    [(0, 4), (1, 4), (4, 4), (5, 4), (100, 4), (100, 1000), (700, 1)],  # the last: three levels
)
def test_rows_come_in_order_of_place_in_shards_of_the_size_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_rows: int, rows_per_shard: int
) -> None:
    monkeypatch.setattr(ordered, "_RANGES", 10)

    names = write(tmp_path / "data", n_rows, rows_per_shard=rows_per_shard)

    shards = [pq.read_table(tmp_path / "data" / name) for name in names]
    assert pa.concat_tables(shards).to_pylist() == [
        {"text": f"text {place}", "n": place} for place in range(n_rows)
    ]
    full = n_rows // rows_per_shard
    assert [shard.num_rows for shard in shards][:full] == [rows_per_shard] * full


def test_the_cut_of_the_incoming_batches_leaves_no_trace(tmp_path: Path) -> None:
    names = write(tmp_path / "a", 100, rows_per_shard=30, batch=7)

    write(tmp_path / "b", 100, rows_per_shard=30, batch=100)

    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize("window", [2, 1000, 16_384, 40_000])
def test_a_shard_holds_whole_windows(window: int) -> None:
    rows = ordered.shard_rows(window)

    assert rows % window == 0
    assert rows >= ordered.SHARD_ROWS
