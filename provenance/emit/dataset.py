"""Rows of the scored store with what was decided about them, joined by position.

Nothing here is joined by key: a decided row names its place in the scored part, so that text and
addresses are copied straight from one file to the other.
"""

from __future__ import annotations

from collections.abc import Iterator
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
        "truncated", "text", "charset", "lang", "lang_confidence", "n_chars", "n_tokens", "rarity",
        "evidence", "score_linear", "llr", "human_tail", "cluster_id", "first_seen", "anchor_doc",
        "source_class", "p_synthetic", "p_low", "p_high", "tier", "tier_reason", "stratum",
        "weight", "epochs",
    )
)  # fmt: skip

#: Every document and what became of it.
DECISIONS = contract.schema(
    (
        "doc_id", "record_id", "source_uri", "source_pos", "url", "captured_at", "lang", "n_chars",
        "n_tokens", "cluster_id", "is_keeper", "duplicate_of", "first_seen", "anchor_doc",
        "p_synthetic", "p_low", "p_high", "tier", "tier_reason", "stratum", "decision", "reason",
        "reasons", "weight", "epochs",
    )
)  # fmt: skip

#: Columns that are decided after scoring; all others are in the store.
_DECIDED = frozenset(
    name for owner in ("dedup", "grade", "decide") for name in contract.added_by(owner)
)


def write_part(scored: Path, decided: pa.Table, out: Path) -> int:
    """Write the kept rows of one scored part, with their text, to `out`; returns how many.

    decided: see `decided_rows`; the kept rows only. No row makes a file without rows.
    """
    with replacing(out) as temporary, PartWriter(str(temporary), DATA) as writer:
        for batch in decided_rows(scored, decided, DATA):
            writer.write(batch)
    return writer.n_rows


def decided_rows(scored: Path, decided: pa.Table, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of the scored part that `decided` names, in order, with the columns of `schema`.

    decided: sorted by its column `row` (place in `scored`, int64), with every column of `schema`
    that is decided after scoring.
    """
    rows = decided.column("row").to_numpy()
    stored = [name for name in schema.names if name not in _DECIDED]
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
        (decided.column(field.name).combine_chunks() if field.name in _DECIDED
         else stored.column(field.name)).cast(field.type)
        for field in schema
    ]  # fmt: skip
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
