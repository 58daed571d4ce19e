"""Every document with its grade, in a file: what a policy's rules are asked about."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from provenance import batch as contract
from provenance.emit.parquet import repeating_columns
from provenance.engines.statements import statement
from provenance.session import Session
from provenance.stages.grade import Grade
from provenance.stages.permit import Permit

_BATCH_ROWS = 65_536
#: What rules may ask about besides columns of the store: its place there, and its copies.
_ALWAYS = frozenset({"part", "row", *contract.added_by("dedup")})


def write_graded(
    session: Session, grade: Grade, permit: Permit, path: Path, *, columns: Collection[str]
) -> None:
    """Write a row per document of tables `scored` and `assigned` to `path`, in any order.

    columns: those of the store that are asked about later; what was only graded by goes.
    """
    reader = session.reader(statement("gradable"), rows=_BATCH_ROWS)
    carried = [field for field in reader.schema if field.name in _ALWAYS or field.name in columns]
    schema = pa.schema([*carried, *contract.schema((*grade.adds, *permit.adds))])
    dictionary = repeating_columns(schema)
    with pq.ParquetWriter(path, schema, compression="lz4", use_dictionary=dictionary) as writer:
        for batch in reader:
            added = _graded(batch, grade, permit)
            arrays = [
                batch.column(field.name) if field in carried else added.column(field.name)
                for field in schema
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))


def _graded(batch: pa.RecordBatch, grade: Grade, permit: Permit) -> pa.RecordBatch:
    """The columns that both stages add to a batch of the size of `batch`."""
    given = contract.schema((*grade.reads, *permit.reads))
    # `pointing` is all that grading needs of `evidence`.
    facts = {field.name: batch.column(field.name) for field in batch.schema}
    facts |= {"evidence": batch.column("pointing")}
    stamped = contract.restamp(pa.table(facts), given).combine_chunks()
    return permit(grade(stamped.to_batches()[0]))
