"""Evidence that the record itself and its page carry, gathered as facts."""

from __future__ import annotations

import pyarrow as pa

from provenance import batch as contract
from provenance.evidence.facts import capture_fact, truncation_fact


class Gather:
    """Adds `evidence`: one fact per thing seen; an empty list when nothing was. Releases `marks`.

    Facts of the record come first, then those that `extract` read off the raw page.
    """

    name = "gather"
    reads = ("captured_at", "truncated", "marks")
    adds = contract.added_by("gather")
    drops = ("marks",)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        captured, truncated, marks = (batch.column(name).to_pylist() for name in self.reads)
        rows = [
            [fact.row() for fact in (capture_fact(at), truncation_fact(cut)) if fact] + seen
            for at, cut, seen in zip(captured, truncated, marks, strict=True)
        ]
        return contract.append(
            contract.release(batch, self.drops),
            {"evidence": pa.array(rows, type=contract.EVIDENCE)},
        )
