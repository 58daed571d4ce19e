"""Evidence that the record itself carries, gathered as facts."""

from __future__ import annotations

import pyarrow as pa

from provenance import batch as contract
from provenance.evidence.facts import capture_fact, truncation_fact


class Gather:
    """Adds `evidence`: one fact per thing seen in the record; an empty list when nothing was."""

    name = "gather"
    reads = ("captured_at", "truncated")
    adds = contract.added_by("gather")
    drops: tuple[str, ...] = ()

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        captured = batch.column("captured_at").to_pylist()
        truncated = batch.column("truncated").to_pylist()
        rows = [
            [fact.row() for fact in (capture_fact(at), truncation_fact(cut)) if fact is not None]
            for at, cut in zip(captured, truncated, strict=True)
        ]
        return contract.append(batch, {"evidence": pa.array(rows, type=contract.EVIDENCE)})
