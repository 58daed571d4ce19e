"""A few rows of the scored store, read without reading the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from provenance import batch as contract

_STORED: Final = (
    "source_uri", "source_pos", "record_id", "url", "truncated", "evidence",
    *contract.added_by("quality"),
)  # fmt: skip


def stored_rows(
    parts: Sequence[str], places: Iterable[tuple[int, int]], *, n_chars: int
) -> dict[tuple[int, int], dict[str, Any]]:
    """What the scored parts hold of the rows at `places` (part, row); each row group is read once.

    `beginning` is the first `n_chars` characters of the text.
    """
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for part, group in groupby(sorted(places), key=lambda place: place[0]):
        with pq.ParquetFile(parts[part]) as file:
            rows = np.array([row for _, row in group])
            for taken, values in _rows(file, rows, n_chars):
                found |= {(part, row): value for row, value in zip(taken, values, strict=True)}
    return found


def _columns(file: pq.ParquetFile) -> list[str]:
    """What is read of a part: some of the contract, and all of every detector."""
    known = {name: contract.column(name) for name in file.schema_arrow.names}
    own = [name for name, one in known.items() if one is not None and one.added_by == "detect"]
    return [*_STORED, *own]


def _rows(
    file: pq.ParquetFile, rows: np.ndarray, n_chars: int
) -> Iterable[tuple[list[int], list[Any]]]:
    """Of each row group with any of `rows` (ascending): which, and what they hold."""
    sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    ends = np.cumsum(sizes)
    groups = np.searchsorted(ends, rows, side="right")
    for group in np.unique(groups):
        taken = rows[groups == group]
        start = ends[group] - sizes[group]
        table = file.read_row_group(int(group), columns=[*_columns(file), "text"])
        chosen = table.take(pa.array(taken - start))
        beginning = pc.utf8_slice_codeunits(chosen.column("text"), 0, n_chars)
        values = chosen.drop_columns("text").append_column("beginning", beginning).to_pylist()
        yield taken.tolist(), values
