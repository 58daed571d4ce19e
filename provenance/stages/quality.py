"""Statistics of form and repetition, as columns; what follows from them is the policy's to say."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from provenance import batch as contract
from provenance.text.quality.statistics import measure, passed


class Quality:
    """Adds the `quality_*` columns: null where there is no text, or no word in it."""

    name = "quality"
    reads = ("text",)
    adds = contract.added_by("quality")
    drops: tuple[str, ...] = ()

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        measured = measure(batch.column("text"))
        values = np.column_stack([measured, passed(measured)])
        columns = zip(self.adds, values.T, strict=True)
        return contract.append(
            batch,
            {
                name: pa.array(column, type=pa.float32(), from_pandas=True)
                for name, column in columns
            },
        )
