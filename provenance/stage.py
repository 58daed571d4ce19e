"""The stage protocol: a named, memoryless function of batches that declares its columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

import pyarrow as pa

from provenance.errors import PlanError, Problem, nearest


@runtime_checkable
class Stage(Protocol):
    """One step over a batch.

    It adds the columns it declares, releases those in `drops`, keeps every row in its order,
    and remembers nothing between batches. What needs the whole corpus is a barrier, not a stage.
    """

    name: str
    reads: tuple[str, ...]
    adds: tuple[str, ...]
    drops: tuple[str, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch: ...


def check_chain(stages: Sequence[Stage], given: Iterable[str]) -> tuple[str, ...]:
    """The columns that come out of `stages` when `given` go in. Raises PlanError before any read.

    Every fault is reported at once: a column read that nothing before adds (naming the stage that
    would add it, where one comes later), and a column added twice (naming both stages).
    """
    owner = dict.fromkeys(given, "the source")
    later = {name: stage.name for stage in stages for name in stage.adds}
    problems: list[Problem] = []
    for stage in stages:
        for name in stage.reads:
            if name not in owner:
                hint = f"; stage {later[name]!r} adds it later" if name in later else ""
                problems.append(
                    Problem(
                        f"stage {stage.name!r}",
                        f"reads {name!r}, which nothing before adds{hint}",
                        suggestion=nearest(name, owner),
                    )
                )
        for name in stage.adds:
            if name in owner:
                problems.append(
                    Problem(
                        f"stage {stage.name!r}", f"adds {name!r}, already added by {owner[name]}"
                    )
                )
            owner[name] = f"stage {stage.name!r}"
        for name in stage.drops:
            owner.pop(name, None)
    if problems:
        raise PlanError(problems)
    return tuple(owner)
