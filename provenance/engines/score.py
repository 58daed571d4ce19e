"""A scoring run: inputs cut into slices, every slice scored, then matched against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detectors.calibration import Calibration, CalibrationError, load_all
from detectors.lineup import Group, default_groups
from provenance.dedup.search import DedupParameters, find_duplicates
from provenance.emit.atomic import write_json
from provenance.engines.inputs import input_records
from provenance.engines.local import LocalEngine
from provenance.engines.plan import Plan, installed_versions, model_digests
from provenance.engines.request import check_file_names
from provenance.engines.store import Store, digest_rest
from provenance.errors import InputError, Problem
from provenance.evidence.c2pa_store import load_anchors
from provenance.session import Session
from provenance.sources.columns import Columns, check_columns
from provenance.sources.inputs import Inputs, list_inputs
from provenance.sources.limits import Limits
from provenance.sources.slices import cut
from provenance.stages.detect import describe
from provenance.stages.registry import StageSpec


@dataclass(frozen=True, slots=True)
class Scoring:
    """Everything that decides what a scoring run computes.

    detectors: None = nobody chose. cascade: a `leaving.surface`; without one every detector is
    asked about every document.
    """

    columns: Columns
    limits: Limits
    slice_bytes: int
    extractor: str
    tokenizer: str | None
    keyring: str | None
    trust_anchors: str | None
    mask_generated: bool
    dedup: DedupParameters
    detectors: tuple[Group, ...] | None
    calibration: str | None = None
    cascade: Mapping[str, Any] | None = None

    def stages(self) -> tuple[StageSpec, ...]:
        """The stages of one slice, in order, as data."""
        return (
            StageSpec("extract", {"extractor": self.extractor, **self._anchors(), **self._mask()}),
            StageSpec("identify", {"tokenizer": self.tokenizer}),
            StageSpec("quality", {}),
            StageSpec("gather", self._keys()),
            StageSpec("detect", self._detection()),
            StageSpec("sign", {"num_perm": self.dedup.num_perm}),
        )

    def _anchors(self) -> dict[str, str]:
        """The certificates themselves: the plan is bound to what the file says, not to its name."""
        if self.trust_anchors is None:
            return {}
        return {"trust_anchors": load_anchors(Path(self.trust_anchors))}

    def _mask(self) -> dict[str, bool]:
        return {"mask_generated": True} if self.mask_generated else {}

    def _detection(self) -> dict[str, Any]:
        own = self._calibrations()
        groups = default_groups(own) if self.detectors is None else self.detectors
        return describe(groups, own=own, cascade=self.cascade)

    def _calibrations(self) -> tuple[Calibration, ...]:
        """The user's calibrations themselves, as with certificates. Raises InputError."""
        try:
            return load_all(self.calibration) if self.calibration else ()
        except CalibrationError as error:
            raise InputError(Problem("calibration", str(error))) from error

    def _keys(self) -> dict[str, str]:
        """What of the keyring belongs to the plan: where it is, and what it holds."""
        if self.keyring is None:
            return {}
        from provenance.policy.keyring import load_keyring  # noqa: PLC0415 (loads the detectors)

        digest = load_keyring(Path(self.keyring)).digest
        return {"keyring": self.keyring, "keyring_digest": digest}


def plan_scoring(
    inputs: Sequence[str],
    scoring: Scoring,
    *,
    base: str | None = None,
    stages: tuple[StageSpec, ...] | None = None,
) -> tuple[Plan, Inputs]:
    """The checked plan over `inputs`. Raises InputError or PlanError before any record is read.

    stages: what is done instead of all that `scoring` says.
    """
    listed = list_inputs(inputs, base=base)
    check_file_names(listed.files)
    check_columns(listed.files, scoring.columns)
    stages = stages or scoring.stages()
    plan = Plan(
        slices=tuple(cut(listed.files, slice_bytes=scoring.slice_bytes)),
        stages=stages,
        columns=scoring.columns,
        limits=scoring.limits,
        versions={**installed_versions(), **model_digests()},
    )
    plan.build()
    return plan, listed


def run_scoring(
    plan: Plan,
    root: Path,
    *,
    skipped: Sequence[str],
    engine: LocalEngine,
    dedup: DedupParameters,
    finished: Callable[[], None],
) -> dict[str, Any]:
    """The totals of the scored store at `root`, after doing whatever of `plan` is not done."""
    store = Store(root)
    store.open(plan)
    if store.done_path.exists():
        return store.totals()
    manifests = engine.map(store, plan.slices, finished=finished)
    with Session(root / ".scratch") as session:
        find_duplicates(
            session,
            documents=store.parts("documents"),
            signatures=store.parts("signatures"),
            out=store.duplicates,
            boilerplate=store.boilerplate,
            parameters=dedup,
        )
    totals = {**_totals(plan, manifests, skipped), "digests": digest_rest(root)}
    write_json(store.done_path, totals)
    return totals


def _totals(
    plan: Plan, manifests: Sequence[dict[str, Any]], skipped: Sequence[str]
) -> dict[str, Any]:
    return {
        "plan": plan.digest,
        "versions": dict(plan.versions),
        "slices": len(manifests),
        "files": len({one.uri for one in plan.slices}),
        "skipped_files": sorted(skipped),
        "inputs": input_records(plan.slices, manifests),
        "n_records": sum(manifest["n_records"] for manifest in manifests),
        "n_documents": sum(manifest["n_documents"] for manifest in manifests),
        "rejects": count_rejects(manifests),
    }


def count_rejects(manifests: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Rejects of all slices, by reason."""
    rejects: Counter[str] = Counter()
    for manifest in manifests:
        rejects.update(manifest["rejects"])
    return dict(sorted(rejects.items()))
