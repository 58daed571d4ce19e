"""Parquet parts whose bytes depend on their rows alone, not on how the rows arrived."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from provenance import batch as contract
from provenance.emit.atomic import replacing

ROW_GROUP_ROWS = 4096

#: Text that hardly ever repeats: its dictionary would be the column once more.
_DISTINCT = frozenset({"record_id", "url", "anchor_doc"})


class PartWriter:
    """Writes batches of `schema` to `path` in row groups of exactly ROW_GROUP_ROWS rows.

    The cut of the incoming batches leaves no trace in the file. At most one row group is buffered.
    """

    def __init__(self, path: str, schema: pa.Schema) -> None:
        self.n_rows = 0
        self._schema = schema
        self._pending: list[pa.RecordBatch] = []
        self._n_pending = 0
        self._writer = pq.ParquetWriter(
            path, schema, compression="zstd", compression_level=3, write_statistics=True,
            use_dictionary=repeating_columns(schema),
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._flush(self._n_pending)
        finally:
            self._writer.close()

    def write(self, batch: pa.RecordBatch) -> None:
        """Append the rows of `batch`, which must have exactly the schema's columns, by name."""
        self._pending.append(batch.select(self._schema.names))
        self._n_pending += batch.num_rows
        self.n_rows += batch.num_rows
        while self._n_pending >= ROW_GROUP_ROWS:
            self._flush(ROW_GROUP_ROWS)

    def _flush(self, rows: int) -> None:
        if rows == 0:
            return
        table = pa.Table.from_batches(self._pending, schema=self._pending[0].schema)
        head = table.slice(0, rows).combine_chunks().cast(self._schema)
        self._writer.write_table(head, row_group_size=rows)
        rest = table.slice(rows)
        self._pending = rest.to_batches()
        self._n_pending = rest.num_rows


def repeating_columns(schema: pa.Schema) -> list[str]:
    """The Parquet paths of the columns worth a dictionary: short text, alone or in lists."""
    return [
        path
        for field in schema
        if field.name not in _DISTINCT
        for path in _text_paths(field.name, field.type)
    ]


def _text_paths(path: str, kind: pa.DataType) -> list[str]:
    if pa.types.is_list(kind):
        return _text_paths(f"{path}.list.element", kind.value_type)
    if pa.types.is_struct(kind):
        return [one for child in kind for one in _text_paths(f"{path}.{child.name}", child.type)]
    return [path] if pa.types.is_string(kind) else []


def write_rows(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """`batches`, as DuckDB or a stage returned them, as one Parquet file of `schema`."""
    with replacing(path) as temporary, PartWriter(str(temporary), schema) as writer:
        for batch in batches:
            for part in contract.restamp(batch, schema).to_batches():
                writer.write(part)
