"""The kept rows with their text: one Parquet file per scored part, and the dataset card."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from provenance import batch as contract
from provenance.emit.atomic import replacing
from provenance.emit.parquet import ROW_GROUP_ROWS, PartWriter

#: Read from the scored part, row for row.
_FROM_STORE = (
    "doc_id", "source_uri", "source_pos", "record_id", "url", "host", "captured_at", "truncated",
    "text", "charset", "lang", "lang_confidence", "n_chars", "n_tokens", "rarity",
    "evidence", "score_linear", "llr", "human_tail",
)  # fmt: skip

#: Added by the decision.
DECIDED = (
    "cluster_id", "first_seen", "anchor_doc", "source_class", "p_synthetic", "p_low", "p_high",
    "tier", "tier_reason", "stratum", "weight", "epochs",
)  # fmt: skip

DATA = contract.schema((*_FROM_STORE, *DECIDED))


def write_part(scored: Path, decided: pa.Table, out: Path) -> int:
    """Write the kept rows of one scored part to `out`; returns how many.

    decided: the kept rows only, sorted by `row` (position in `scored`, int64), with the columns
    DECIDED. Rows keep the order they have in the store. No row kept makes a file without rows.
    """
    rows = decided.column("row").to_numpy()
    with replacing(out) as temporary, PartWriter(str(temporary), DATA) as writer:
        offset = 0
        for batch in _batches(scored):
            first, last = np.searchsorted(rows, [offset, offset + batch.num_rows])
            if last > first:
                kept = batch.take(pa.array(rows[first:last] - offset))
                writer.write(_join(kept, decided.slice(first, last - first)))
            offset += batch.num_rows
    return writer.n_rows


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(ROW_GROUP_ROWS, columns=list(_FROM_STORE))


def _join(kept: pa.RecordBatch, decided: pa.Table) -> pa.RecordBatch:
    columns = {name: decided.column(name).combine_chunks() for name in DECIDED}
    arrays = [
        columns[field.name] if field.name in columns else kept.column(field.name) for field in DATA
    ]
    arrays = [
        array.cast(field.type) if array.type != field.type else array
        for array, field in zip(arrays, DATA, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=DATA)
