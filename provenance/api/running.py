"""What the public functions that read inputs share: a plan, a run over it, a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from provenance.api.given import (
    Inputs,
    Options,
    batches_given,
    engine_asked,
    names_given,
    scoring_asked,
)
from provenance.engines.lock import only_run
from provenance.engines.plan import Plan
from provenance.engines.request import check_place, legible
from provenance.engines.score import Scoring, plan_scoring, run_scoring
from provenance.engines.spool import spool
from provenance.policy.model import Policy
from provenance.stages.registry import StageSpec


def only_run_outside(inputs: Inputs, root: Path) -> AbstractContextManager[None]:
    """`only_run` of a folder that is no part of the inputs."""
    check_place(root, names_given(inputs) or ())
    return only_run(root)


def plan_inputs(
    inputs: Inputs,
    root: Path,
    options: Options,
    *,
    policy: Policy | None = None,
    cascade: Mapping[str, Any] | None = None,
    stages: tuple[StageSpec, ...] | None = None,
) -> tuple[Plan, list[str], Scoring]:
    """The plan over `inputs`, after standard input and batches are copied below `root`."""
    scoring = replace(scoring_asked(options, policy), cascade=cascade)
    names = names_given(inputs)
    if names is None:
        names = [spool(batches_given(inputs), root)]
    else:
        names = [spool(None, root) if name == "-" else name for name in names]
    plan, listed = plan_scoring(names, scoring, base=options.get("base"), stages=stages)
    return plan, [legible(name) for name in listed.skipped], scoring


def score_plan(
    plan: Plan, root: Path, skipped: list[str], scoring: Scoring, options: Options
) -> dict[str, Any]:
    with progress_bar("scoring", len(plan.slices), options.get("progress", False)) as finished:
        return run_scoring(
            plan,
            root,
            skipped=skipped,
            engine=engine_asked(options),
            dedup=scoring.dedup,
            finished=finished,
        )


@contextmanager
def progress_bar(what: str, total: int | None, progress: bool) -> Iterator[Callable[[], None]]:
    """A counter to call once per finished part; a bar on stderr when that is a terminal."""
    disable = None if progress else True
    with tqdm(desc=what, total=total, unit=" parts", disable=disable) as bar:

        def finished() -> None:
            bar.update(1)

        yield finished
