"""Rows of the scored store with what was decided about them, joined by position.

Nothing here is joined by key: a decided row names its place in the scored part, so that text and
addresses are copied straight from one file to the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from provenance import batch as contract
from provenance.emit.atomic import replacing
from provenance.emit.parquet import ROW_GROUP_ROWS, PartWriter

#: The kept documents.
DATA = contract.schema(
    (
        "doc_id", "source_uri", "source_pos", "record_id", "url", "host", "captured_at",
        "truncated", "text", "charset", "content_hash", "lang", "lang_confidence", "n_chars",
        "n_tokens", "rarity", "ngram_novelty", *contract.added_by("quality"), "evidence", "llr",
        "human_tail", "cluster_id", "cluster_size", "first_seen", "anchor_doc", "source_class",
        "p_synthetic", "p_low", "p_high", "tier", "tier_reason", "rights", "train_ai", "stratum",
        "protected", "weight", "epochs",
    )
)  # fmt: skip

#: Every document and what became of it.
DECISIONS = contract.schema(
    (
        "doc_id", "record_id", "source_uri", "source_pos", "url", "captured_at", "content_hash",
        "lang", "n_chars", "n_tokens", "cluster_id", "cluster_size", "is_keeper", "duplicate_of",
        "first_seen", "anchor_doc", "contaminated_by", "source_class", "p_synthetic", "p_low",
        "p_high", "tier", "tier_reason", "rights", "train_ai", "stratum", "decision", "reason",
        "reasons", "protected", "weight", "epochs",
    )
)  # fmt: skip

#: Stages whose columns stand in no store: they are decided after scoring.
_DECIDING = ("dedup", "grade", "permit", "decide")


def data_schema(views: Sequence[str], detectors: Sequence[str]) -> pa.Schema:
    """DATA with the score of each detector, and a boolean column for each view, named as it is."""
    whole = contract.schema([*DATA.names, *(f"score_{name}" for name in detectors)])
    fields = [pa.field(name, pa.bool_(), nullable=False) for name in views]
    return pa.schema([*whole, *fields], metadata=whole.metadata)


def _is_stored(name: str) -> bool:
    """Whether a column stands in the scored store."""
    column = contract.column(name)
    return column is not None and column.added_by not in _DECIDING


def decided_columns(schema: pa.Schema) -> list[str]:
    """What `decided_rows` needs of a decided table to make rows of `schema`."""
    return ["row", *(name for name in schema.names if not _is_stored(name))]


def write_part(scored: Path, decided: pa.Table, out: Path, *, schema: pa.Schema) -> int:
    """Write the kept rows of one scored part, with their text, to `out`; returns how many.

    decided: see `decided_rows`; the kept rows only. No row makes a file without rows.
    """
    with replacing(out) as temporary, PartWriter(str(temporary), schema) as writer:
        for batch in decided_rows(scored, decided, schema):
            writer.write(batch)
    return writer.n_rows


def write_view(data: Sequence[Path], column: str, out: Path, *, schema: pa.Schema) -> None:
    """Write the rows of the files `data` in which `column` is true, in order, to `out`."""
    with replacing(out) as temporary, PartWriter(str(temporary), schema) as writer:
        for path in data:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(ROW_GROUP_ROWS):
                    writer.write(batch.filter(batch.column(column)))


def decided_rows(scored: Path, decided: pa.Table, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of the scored part that `decided` names, in order, with the columns of `schema`.

    decided: sorted by its column `row` (place in `scored`, int64; a row may come several times),
    with `decided_columns(schema)`.
    """
    rows = decided.column("row").to_numpy()
    stored = [name for name in schema.names if _is_stored(name)]
    offset = 0
    with pq.ParquetFile(scored) as file:
        for batch in file.iter_batches(ROW_GROUP_ROWS, columns=stored):
            first, last = np.searchsorted(rows, [offset, offset + batch.num_rows])
            if last > first:
                chosen = batch.take(pa.array(rows[first:last] - offset))
                yield _join(chosen, decided.slice(first, last - first), schema)
            offset += batch.num_rows


def _join(stored: pa.RecordBatch, decided: pa.Table, schema: pa.Schema) -> pa.RecordBatch:
    arrays = [
        (stored.column(field.name) if _is_stored(field.name)
         else _decided(decided.column(field.name), field)).cast(field.type)
        for field in schema
    ]  # fmt: skip
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _decided(column: pa.ChunkedArray, field: pa.Field) -> pa.Array:
    """The column in one piece; where no null may be, an unknown boolean is false."""
    whole = column.combine_chunks()
    if pa.types.is_boolean(field.type) and not field.nullable:
        return whole.cast(pa.bool_()).fill_null(False)
    return whole
