"""Looking for benchmark items in the texts of a store."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from provenance.dedup.anchor.items import Items
from provenance.dedup.anchor.tables import Segment
from provenance.engines.lend import FOUND
from provenance.engines.statements import statement
from provenance.engines.store import Store
from provenance.session import Session
from provenance.text.forms import normal_forms

_ROWS = 4096


def find_items(session: Session, store: Store, segments: Sequence[Segment]) -> None:
    """Add to table `reference_matches` the benchmark item that each text holds most of.

    The texts are read again: a short item leaves too few traces in the sketch of a long text.
    """
    for segment in segments:
        items = Items.load(segment)
        found = [FOUND.empty_table()]
        for part in store.parts("documents"):
            with pq.ParquetFile(part) as file:
                for batch in file.iter_batches(_ROWS, columns=["doc_id", "text"]):
                    found.append(_items_inside(items, batch))
        session.register("reference_found", pa.concat_tables(found))
        session.run(
            statement("name_matches"),
            documents=[str(segment.documents)],
            kind="item",
            reference=segment.digest,
        )


def _items_inside(items: Items, batch: pa.RecordBatch) -> pa.Table:
    inside = items.inside(normal_forms(batch.column("text").fill_null("")))
    doc_ids = batch.column("doc_id").take(pa.array(inside.rows))
    return pa.table([doc_ids, inside.items.astype(np.int64), inside.containment], schema=FOUND)
