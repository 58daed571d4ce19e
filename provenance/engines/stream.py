"""Scoring as a function on batches, inside somebody else's job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from provenance import batch as contract
from provenance.engines.score import Scoring
from provenance.engines.task import run_stages, stored_columns
from provenance.sources.tabular import from_arrow


def score_stream(batches: Iterable[pa.RecordBatch], scoring: Scoring) -> Iterator[pa.RecordBatch]:
    """Scored batches, one per batch given, row for row.

    Raises InputError when a batch has no text column. A null text stays a row, with a
    no_text_reason.
    """
    stages = [spec.build() for spec in scoring.stages()]
    columns = contract.schema(stored_columns(stages)).names
    first_row = 0
    for batch in batches:
        documents = from_arrow(batch, scoring.columns, name="batches", first_row=first_row)
        first_row += batch.num_rows
        yield run_stages(documents, stages).select(columns)
