"""Columns that nothing later needs, released."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from provenance import batch as contract


class Release:
    """Releases `columns`, so that a store is not as large as its texts."""

    name = "release"
    adds: tuple[str, ...] = ()

    def __init__(self, *, columns: Sequence[str]) -> None:
        self.reads = self.drops = tuple(columns)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        return contract.release(batch, self.drops)
