"""Which rows a training set has, and in which order, from the final decisions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from provenance import batch
from provenance.errors import PolicyError, Problem
from provenance.policy.curriculum import Emitted, curriculum_order, widest_gap
from provenance.policy.model import Curriculum, Policy
from provenance.policy.sampling import id_words
from provenance.policy.statements import statement
from provenance.session import Session


@dataclass(frozen=True, slots=True)
class CurriculumReport:
    """How the order came out.

    human_gap: the most documents in a row without one of tier 1.
    """

    window: int
    human_gap: int


def repeats_as_rows(policy: Policy) -> bool:
    """Whether a document that counts several times is written several times."""
    return policy.mix is not None and policy.mix.repeats == "rows"


def place(session: Session, policy: Policy) -> CurriculumReport:
    """Create table `placed`: part, row, pass and place of every row, places counted from 0.

    policy: one with a curriculum. Raises PolicyError when documents of tier 1 are too few for the
    cadence that it asks for.
    """
    wanted = policy.curriculum
    assert wanted is not None
    table = session.table(statement("emitted"), as_rows=repeats_as_rows(policy))
    rows = _emitted(table)
    order = curriculum_order(rows, seed=policy.seed)
    gap = widest_gap(rows.is_human[order])
    _check_cadence(wanted, gap, n_human=int(rows.is_human.sum()), n_rows=len(order))
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    placed = table.select(["part", "row", "pass"]).append_column("place", pa.array(places))
    session.register("placed_rows", placed)
    session.run("CREATE OR REPLACE TABLE placed AS FROM placed_rows")
    session.run("DROP VIEW placed_rows")
    return CurriculumReport(wanted.window, gap)


def _emitted(table: pa.Table) -> Emitted:
    ids = table.column("doc_id").cast(batch.DOC_ID).combine_chunks()
    chunk = ids.chunk(0) if isinstance(ids, pa.ChunkedArray) else ids
    start = chunk.offset * 16
    return Emitted(
        ids=id_words(memoryview(chunk.buffers()[1])[start : start + 16 * len(chunk)]),
        strata=table.column("stratum").to_numpy(),
        passes=table.column("pass").to_numpy(),
        is_rare=table.column("is_rare").to_numpy(),
        is_human=table.column("is_human").to_numpy(),
    )


def _check_cadence(wanted: Curriculum, gap: int, *, n_human: int, n_rows: int) -> None:
    cadence = wanted.cadence()
    if cadence is None or gap < min(cadence, n_rows):
        return
    raise PolicyError(
        Problem(
            "curriculum.human_refresh",
            f"asks for a tier 1 document in every {cadence:,}; the {n_human:,} among {n_rows:,}"
            f" rows leave {gap:,} in a row without one",
            accepted="a longer interval, or a larger share of tier 1",
        )
    )
