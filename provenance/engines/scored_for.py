"""Whether a store's detection can carry a policy: checked before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provenance import batch as contract
from provenance.errors import PolicyError, Problem
from provenance.policy.model import Policy
from provenance.policy.predicates import columns_read
from provenance.stages.leaving import same_surface, surface


def check_detection(
    policy: Policy,
    detectors: Sequence[str],
    *,
    cascade: Mapping[str, Any] | None = None,
    has_verdicts: bool = False,
) -> None:
    """Raises PolicyError with everything that `policy` needs of detection and the store lacks.

    detectors: those that scored. cascade: by what documents left early (`leaving.surface`), or
    None. has_verdicts: whether what people judged is evidence too, which moves decisions.
    """
    problems = [*_other_detectors(policy, detectors), *_missing_columns(policy, detectors)]
    if cascade is not None and (has_verdicts or not same_surface(cascade, surface(policy))):
        problems.append(
            Problem(
                "policy",
                "documents were spared detectors that this policy's decisions may need",
                accepted="the cutoff, rates, prior, sources and comparisons with detection that the"
                " store was scored for, without verdicts; or a store of `provenance score`",
            )
        )
    if problems:
        raise PolicyError(problems)


def _other_detectors(policy: Policy, detectors: Sequence[str]) -> list[Problem]:
    wanted = {name for group in policy.detectors or () for name in group.detectors}
    if not wanted or wanted == set(detectors):
        return []
    what = f"names {', '.join(sorted(wanted))}; scored with {', '.join(sorted(detectors))}"
    accepted = "no such key, the same detectors, or texts scored again"
    return [Problem("policy: detectors", what, accepted=accepted)]


def _missing_columns(policy: Policy, detectors: Sequence[str]) -> list[Problem]:
    held = {column.name for name in detectors for column in contract.detected(name)}
    missing = [
        name
        for name in columns_read(policy)
        if (column := contract.column(name)) and column.added_by == "detect" and name not in held
    ]
    accepted = ", ".join(f"score_{name}" for name in detectors)
    return [
        Problem("policy", f"column {name!r} is of no detector that scored", accepted=accepted)
        for name in missing
    ]
