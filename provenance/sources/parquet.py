"""Parquet as rows, a row group at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from provenance.sources.columns import RECOGNISED, Columns
from provenance.sources.open import ByteSource
from provenance.sources.records import Document, Reject
from provenance.sources.tabular import text_document

READ_ROWS = 1024


class ParquetReader:
    """Iterates over the rows of row groups `start` to `stop` (exclusive). A row's position is its
    number in the file, from 0. Rows of a group that cannot be read are each a reject."""

    def __init__(self, source: ByteSource, start: int, *, stop: int, columns: Columns) -> None:
        self.end = stop
        self._source = source
        self._start = start
        self._columns = columns

    def __iter__(self) -> Iterator[Document | Reject]:
        try:
            file = open_parquet(self._source)
        except (pa.ArrowException, OSError) as error:
            yield Reject(0, "no_records", _message(error), is_record=False)
            return
        first_row = sum(file.metadata.row_group(i).num_rows for i in range(self._start))
        for group in range(self._start, min(self.end, file.metadata.num_row_groups)):
            yield from self._group(file, group, first_row)
            first_row += file.metadata.row_group(group).num_rows

    def _group(
        self, file: pq.ParquetFile, group: int, position: int
    ) -> Iterator[Document | Reject]:
        end = position + file.metadata.row_group(group).num_rows
        names = used_names(file.schema_arrow, self._columns)
        batches = file.iter_batches(READ_ROWS, row_groups=[group], columns=names, use_threads=False)
        try:
            for batch in batches:
                for row in batch.to_pylist():
                    yield text_document(position, row, self._columns)
                    position += 1
        except (pa.ArrowException, OSError) as error:
            detail = f"row group {group}: {_message(error)}"
            for lost in range(position, end):
                yield Reject(lost, "damaged_record", detail)


def open_parquet(source: ByteSource) -> pq.ParquetFile:
    """The Parquet file of `source`, without reading ahead. Raises pa.ArrowException, OSError."""
    return pq.ParquetFile(source.file, pre_buffer=False)


def used_names(schema: pa.Schema, columns: Columns) -> list[str]:
    """The top-level columns of `schema` that hold any field we may want."""
    wanted = {path for column in RECOGNISED for path in columns.candidates(column)}
    wanted |= {path.partition(".")[0] for path in wanted}
    return [name for name in schema.names if name in wanted]


def _message(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__
