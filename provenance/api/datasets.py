"""Crawl shards -> scored store -> dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Unpack, overload

import pyarrow as pa

from provenance.api.anchors import anchor_build
from provenance.api.given import (
    Batches,
    Folders,
    Inputs,
    Options,
    batches_given,
    folder_names,
    names_given,
    policy_given,
    scoring_asked,
)
from provenance.api.running import only_run_outside, plan_inputs, progress_bar, score_plan
from provenance.dedup.anchor.tables import is_anchor
from provenance.emit.canonical import canonical_json
from provenance.engines.lock import only_run
from provenance.engines.mix import claim, run_mix
from provenance.engines.references import References, open_references
from provenance.engines.scored_for import check_detection
from provenance.engines.store import Store
from provenance.engines.stream import score_stream
from provenance.errors import OutputError, Problem
from provenance.policy.detectors import detector_names
from provenance.policy.model import Policy
from provenance.report import terminal
from provenance.stages.leaving import surface


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """A finished scored store: its folder and the totals of `scored.json`."""

    out: Path
    totals: Mapping[str, Any]

    def text(self) -> str:
        """The totals in sentences, for a terminal."""
        return terminal.render_totals(self.totals, self.out)

    def json(self) -> str:
        """The totals as canonical JSON."""
        return canonical_json(self.totals)


@dataclass(frozen=True, slots=True)
class CleanResult:
    """A finished dataset: its folder and the content of `manifest.json`."""

    out: Path
    manifest: Mapping[str, Any]

    def text(self) -> str:
        """Where every document went, for a terminal."""
        return terminal.render(self.manifest, self.out)

    def json(self) -> str:
        """The manifest as canonical JSON."""
        return canonical_json(self.manifest)


def clean(
    inputs: Inputs,
    *,
    out: str | Path,
    policy: str | Path | Policy | None = None,
    anchor: Folders = (),
    exclude: Folders = (),
    against: Folders = (),
    verdicts: Folders = (),
    **options: Unpack[Options],
) -> CleanResult:
    """A filtered, deduplicated, tiered and balanced dataset in the folder `out`.

    inputs: files, folders, globs, URLs, lists of paths, "-" for standard input; or Arrow batches.
    policy: a policy file or a Policy; default the built-in one. anchor: anchors that lend their
    dates to documents whose text is covered by theirs. exclude: benchmarks, as files with a text
    column or as anchors made of them; documents that contain an item are dropped. against: datasets
    or scored stores of earlier runs; what their documents hold already is a duplicate, as it would
    be had the runs been one. verdicts: what `review_import` made; what people agree on is decisive
    evidence. Everything asked wrongly is one RequestError before anything is read.
    An interrupted call, made again, goes on where it stopped and ends with the same bytes.
    """
    chosen = policy_given(policy)
    root = Path(out)
    with (
        only_run_outside(inputs, root),
        _references(anchor, exclude, against, verdicts, options) as references,
    ):
        check_detection(chosen, detector_names(chosen.detectors))
        # What people judge moves decisions: then nobody can say early what will change none.
        cascade = surface(chosen) if not folder_names(verdicts) else None
        plan, skipped, scoring = plan_inputs(inputs, root, options, policy=chosen, cascade=cascade)
        claim(root, plan.digest, chosen, references)
        score_plan(plan, root / "scored", skipped, scoring, options)
        store = Store(root / "scored")
        return _mix(store, chosen, root, references=references, options=options)


@overload
def score(
    inputs: Inputs,
    *,
    out: str | Path,
    policy: str | Path | Policy | None = None,
    **options: Unpack[Options],
) -> ScoreResult: ...
@overload
def score(
    inputs: Batches,
    *,
    out: None = None,
    policy: str | Path | Policy | None = None,
    **options: Unpack[Options],
) -> Iterator[pa.RecordBatch]: ...
def score(
    inputs: Inputs,
    *,
    out: str | Path | None = None,
    policy: str | Path | Policy | None = None,
    **options: Unpack[Options],
) -> ScoreResult | Iterator[pa.RecordBatch]:
    """A scored store in the folder `out`, from which any number of policies can be mixed.

    policy: whose `detectors` score; nothing else of it is read. Default: linear and stylometry.
    Without `out`, `inputs` are Arrow batches with a text column, and the result is a stream of
    batches with the columns of `documents/1` up to the detectors: one row per row, in order.
    """
    chosen = None if policy is None else policy_given(policy)
    if out is None:
        if names_given(inputs):
            raise OutputError(Problem("out", "is missing: files are scored into a folder"))
        return score_stream(batches_given(inputs), scoring_asked(options, chosen))
    root = Path(out)
    with only_run_outside(inputs, root):
        plan, skipped, scoring = plan_inputs(inputs, root, options, policy=chosen)
        return ScoreResult(root, score_plan(plan, root, skipped, scoring, options))


def mix(
    scored: str | Path,
    *,
    out: str | Path,
    policy: str | Path | Policy | None = None,
    anchor: Folders = (),
    exclude: Folders = (),
    against: Folders = (),
    verdicts: Folders = (),
    progress: bool = False,
) -> CleanResult:
    """A dataset in the folder `out` from the scored store `scored`, under another policy.

    policy, anchor, exclude, against, verdicts: as in `clean`.
    """
    chosen = policy_given(policy)
    store, root = Store(Path(scored)), Path(out)
    options: Options = {"progress": progress}
    with only_run(root), _references(anchor, exclude, against, verdicts, options) as references:
        plan_digest = store.totals()["plan"]
        check_detection(
            chosen,
            store.detector_names,
            cascade=store.cascade,
            has_verdicts=bool(references.judged),
        )
        claim(root, plan_digest, chosen, references)
        return _mix(store, chosen, root, references=references, options=options)


@contextmanager
def _references(
    anchor: Folders, exclude: Folders, against: Folders, verdicts: Folders, options: Options
) -> Iterator[References]:
    """The references, opened; benchmarks given as files are made an anchor for as long."""
    with TemporaryDirectory(prefix="provenance-") as folder:
        given = folder_names(exclude)
        excluded = [Path(name) for name in given if is_anchor(Path(name))]
        files = [name for name in given if not is_anchor(Path(name))]
        if files:
            used: Options = {"workers": options.get("workers"), "progress": False}
            excluded.append(anchor_build(files, out=Path(folder) / "items", **used).out)
        yield open_references(
            anchors=[Path(name) for name in folder_names(anchor)],
            excluded=excluded,
            against=[Path(name) for name in folder_names(against)],
            verdicts=[Path(name) for name in folder_names(verdicts)],
        )


def _mix(
    store: Store, policy: Policy, root: Path, *, references: References, options: Options
) -> CleanResult:
    with progress_bar("writing", None, options.get("progress", False)) as finished:
        manifest = run_mix(store, policy, root, references=references, finished=finished)
        return CleanResult(root, manifest)
