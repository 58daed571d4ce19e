"""Ids and signatures out of Parquet files and Arrow tables, as streams of arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from provenance.errors import InputError, Problem, nearest

#: Rows held at a time: 14 MB of signatures of 112 values.
ROWS_AT_ONCE = 1 << 15

#: Read from a file at a time, so that a row group costs no more memory than a page of it.
_READ_BYTES = 1 << 20

U32 = npt.NDArray[np.uint32]

Tables: TypeAlias = str | Path | Sequence[str | Path] | pa.Table | pa.RecordBatchReader


@dataclass(frozen=True, slots=True)
class TableStream:
    """Batches of `schema`. n_rows: None where nobody knows yet."""

    n_rows: int | None
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


def stream(tables: Tables, names: Sequence[str], *, rows: int = ROWS_AT_ONCE) -> TableStream:
    """The columns `names` of Parquet files, a table or a reader, about `rows` rows at a time.

    Raises InputError naming every file that lacks a column or is no Parquet.
    """
    if isinstance(tables, pa.RecordBatchReader):
        schema = _chosen({"signatures": tables.schema}, names)
        return TableStream(None, schema, (batch.select(names) for batch in tables))
    if isinstance(tables, pa.Table):
        schema = _chosen({"signatures": tables.schema}, names)
        batches = tables.select(names).to_batches(max_chunksize=rows)
        return TableStream(len(tables), schema, iter(batches))
    paths = [tables] if isinstance(tables, str | Path) else tables
    files = {str(path): _metadata(path) for path in paths}
    schema = _chosen({path: file.schema.to_arrow_schema() for path, file in files.items()}, names)
    return TableStream(
        sum(file.num_rows for file in files.values()), schema, _read([*files], list(names), rows)
    )


def _metadata(path: str | Path) -> pq.FileMetaData:
    try:
        return pq.read_metadata(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(Problem(str(path), str(error), accepted="a Parquet file")) from error


def _chosen(schemas: dict[str, pa.Schema], names: Sequence[str]) -> pa.Schema:
    """The columns `names`, which all `schemas` have with equal types."""
    if not schemas:
        raise InputError(Problem("signatures", "no files are given"))
    problems = [
        Problem(where, f"no column {name!r}", suggestion=nearest(name, schema.names))
        for where, schema in schemas.items()
        for name in names
        if name not in schema.names
    ]
    if problems:
        raise InputError(problems)
    chosen = {
        where: [schema.field(name).type for name in names] for where, schema in schemas.items()
    }
    (first, types), *others = chosen.items()
    problems = [
        Problem(where, f"columns of types {found}, unlike {first}", accepted=str(types))
        for where, found in others
        if found != types
    ]
    if problems:
        raise InputError(problems)
    return pa.schema(list(zip(names, types, strict=True)))


def _read(paths: list[str], names: list[str], rows: int) -> Iterator[pa.RecordBatch]:
    for path in paths:
        with pq.ParquetFile(path, buffer_size=_READ_BYTES) as file:
            yield from file.iter_batches(rows, columns=names)


def signature_matrix(column: pa.Array) -> U32:
    """The signatures [n, num_perm] of a binary column, sharing its memory where it can.

    Raises InputError for a null, and when the signatures are not of one length.
    """
    if column.null_count:
        raise _fault("a null")
    if not len(column):
        return np.zeros((0, 0), dtype=np.uint32)
    if pa.types.is_fixed_size_binary(column.type):
        width = column.type.byte_width
        start, data = column.offset * width, column.buffers()[1]
    else:
        whole = column.cast(pa.large_binary())
        _, offsets, data = whole.buffers()
        bounds = np.frombuffer(offsets, np.int64)[whole.offset : whole.offset + len(whole) + 1]
        start, width = int(bounds[0]), int(bounds[1] - bounds[0])
        if (np.diff(bounds) != width).any():
            raise _fault("signatures of several lengths")
    if width == 0 or width % 4:
        raise _fault(f"a signature of {width} bytes")
    values = np.frombuffer(data, np.uint8)[start : start + len(column) * width]
    return np.require(values.view("<u4"), np.uint32, "A").reshape(len(column), -1)


def _fault(what: str) -> InputError:
    accepted = "binary values of one length, little-endian uint32"
    return InputError(Problem("column 'signature'", what, accepted=accepted))
