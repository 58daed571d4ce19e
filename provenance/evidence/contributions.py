"""What each thing known of one document adds to its log-odds: the posterior, taken apart.

    logit p = sum of the contributions                                            (natural logs)

The same tables and rules as `stages.grade` applies to many documents at once; a test holds the sum
against it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import numpy as np

from provenance.evidence.posterior import Prior
from provenance.evidence.weights import EARLY, SOURCES, strongest

#: float32 columns differ from their sum by less than this, nats.
_ROUNDING: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Contribution:
    """llr: nats, positive = machine. why: where it comes from."""

    kind: str
    llr: float
    why: str


def contributions(document: Mapping[str, Any], *, prior: Prior, cutoff: date) -> list[Contribution]:
    """What counted for `document`, the prior first; what counted nothing is left out.

    document: the columns captured_at, first_seen, source_class, llr, evidence, and part_<name> of
    each detector.
    """
    seen, captured = document["first_seen"], document["captured_at"]
    found = [_prior(seen, prior)]
    found += _detectors(document)
    if _is_before(captured, cutoff):
        found.append(Contribution("capture_date", EARLY, f"captured before {cutoff}"))
    elif _is_before(seen, cutoff):
        found.append(Contribution("first_seen", EARLY, f"an earlier copy from before {cutoff}"))
    listed = document["source_class"]
    if listed in SOURCES:
        found.append(Contribution("source", SOURCES[listed], f"listed as {listed}"))
    for fact, llr in strongest(document["evidence"]):
        found.append(Contribution(fact["kind"], llr, fact["detail"] or "no detail"))
    return found


def _detectors(document: Mapping[str, Any]) -> list[Contribution]:
    """What each detector adds, then what their combination does: nothing where one stood alone."""
    if document["llr"] is None:
        return []
    parts = {
        name.removeprefix("part_"): part
        for name, part in document.items()
        if name.startswith("part_") and part is not None
    }
    found = [Contribution(f"detector {name}", part, "its calibrated score")
             for name, part in parts.items()]  # fmt: skip
    rest = document["llr"] - math.fsum(parts.values())
    if abs(rest) > _ROUNDING:
        found.append(Contribution("detectors", rest, "what they say together"))
    return found


def _prior(seen: datetime | None, prior: Prior) -> Contribution:
    moment = np.datetime64(seen.replace(tzinfo=None), "us") if seen else np.datetime64("NaT", "us")
    why = f"of pages first seen on {seen:%Y-%m-%d}" if seen else "of pages of unknown date"
    return Contribution("prior", float(prior.logits(np.array([moment]))[0]), why)


def _is_before(moment: datetime | None, day: date) -> bool:
    return moment is not None and moment.replace(tzinfo=None) < datetime(
        day.year, day.month, day.day
    )
