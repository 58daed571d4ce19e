"""Archives -> anchors, and what they are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

from provenance.api.given import Inputs, Options, engine_asked
from provenance.api.running import only_run_outside, plan_inputs, progress_bar
from provenance.dedup.anchor.ask import AnchorMatch, ask
from provenance.dedup.anchor.tables import Anchor
from provenance.dedup.parameters import DedupParameters
from provenance.emit.canonical import canonical_json
from provenance.engines.anchor import (
    BUILD,
    add_segment,
    anchor_stages,
    claim_anchor,
    describe,
    merge_anchors,
)
from provenance.engines.plan import Plan
from provenance.engines.score import Scoring
from provenance.report.anchor import render_anchor


@dataclass(frozen=True, slots=True)
class AnchorResult:
    """A finished anchor: its folder, and what it holds."""

    out: Path
    facts: Mapping[str, Any]

    def text(self) -> str:
        """What it holds in sentences, for a terminal."""
        return render_anchor(self.facts, self.out)

    def json(self) -> str:
        """What it holds as canonical JSON."""
        return canonical_json(self.facts)


def anchor_build(archives: Inputs, *, out: str | Path, **options: Unpack[Options]) -> AnchorResult:
    """An anchor in the folder `out`: what it takes to recognise the texts of `archives` later.

    archives: early captures, in any form that `clean` reads. A document without a capture date is
    counted and can be matched, but lends no date. An interrupted call, made again, goes on.
    """
    root = Path(out)
    with only_run_outside(archives, root):
        plan, skipped, scoring = _plan_anchor(archives, root, options)
        claim_anchor(root, plan)
        return _add_segment(root, plan, skipped, scoring, options)


def anchor_add(anchor: str | Path, archives: Inputs, **options: Unpack[Options]) -> AnchorResult:
    """The anchor in the folder `anchor` with `archives` in it too; adding them twice adds once."""
    root = Path(anchor)
    Anchor.open(root)
    with only_run_outside(archives, root):
        plan, skipped, scoring = _plan_anchor(archives, root, options)
        return _add_segment(root, plan, skipped, scoring, options)


def anchor_merge(anchors: Sequence[str | Path], *, out: str | Path) -> AnchorResult:
    """An anchor in the folder `out` that holds what all of `anchors` hold."""
    opened = [Anchor.open(Path(anchor)) for anchor in anchors]
    return _anchor_result(merge_anchors(opened, Path(out)))


def anchor_info(anchor: str | Path) -> AnchorResult:
    """What the anchor in the folder `anchor` holds. Raises InputError."""
    return _anchor_result(Anchor.open(Path(anchor)))


def anchor_query(anchor: str | Path, texts: Sequence[str]) -> list[list[AnchorMatch]]:
    """For each text, the archived documents that hold some of it; those that lend a date first."""
    return ask(Anchor.open(Path(anchor)), texts, DedupParameters())


def _plan_anchor(archives: Inputs, root: Path, options: Options) -> tuple[Plan, list[str], Scoring]:
    stages = anchor_stages(options.get("extractor", "resiliparse"), DedupParameters())
    return plan_inputs(archives, root / BUILD, options, stages=stages)


def _add_segment(
    root: Path, plan: Plan, skipped: list[str], scoring: Scoring, options: Options
) -> AnchorResult:
    with progress_bar("reading", len(plan.slices), options.get("progress", False)) as finished:
        return _anchor_result(
            add_segment(
                root,
                plan,
                skipped=skipped,
                engine=engine_asked(options),
                dedup=scoring.dedup,
                finished=finished,
            )
        )


def _anchor_result(anchor: Anchor) -> AnchorResult:
    return AnchorResult(Path(anchor.name), describe(anchor))
