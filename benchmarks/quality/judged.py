"""What a detector is worth on labelled texts: ranking, and rates at a calibrated threshold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from detectors.classifier.examples import Example
from detectors.measures import auroc, oracle_tpr

RATES = (0.05, 0.01)


@dataclass(frozen=True, slots=True)
class Judged:
    """A scored window: its example, logit, and whether it is above the threshold at each rate."""

    example: Example
    value: float
    flagged: tuple[bool, ...] | None  # None: not calibrated


def measures(judged: Sequence[Judged]) -> dict[str, float | int | str]:
    """The measured columns of one slice; empty where there is nothing to measure."""
    human = [one for one in judged if not one.example.is_ai]
    ai = [one for one in judged if one.example.is_ai]
    row: dict[str, float | int | str] = {"n_human": len(human), "n_ai": len(ai)}
    for k, rate in enumerate(RATES):
        percent = f"{rate:.0%}".rstrip("%")
        row[f"fpr_at_{percent}"] = _share_flagged(human, k)
        row[f"tpr_at_{percent}"] = _share_flagged(ai, k)
    if human and ai:
        values = [np.array([one.value for one in group]) for group in (human, ai)]
        row["auroc"] = round(auroc(*values), 4)
        row |= {
            f"oracle_tpr_at_{r:.0%}".rstrip("%"): round(oracle_tpr(*values, r), 4) for r in RATES
        }
    return row


def slices(judged: Sequence[Judged]) -> list[tuple[str, str, list[Judged]]]:
    """(kind, value, members): all, then one slice per generator, attack and domain.

    A slice of machine texts keeps all human texts beside it.
    """
    human = [one for one in judged if not one.example.is_ai]
    ai = [one for one in judged if one.example.is_ai]
    made: list[tuple[str, str, list[Judged]]] = [("all", "", list(judged))]
    made += [("generator", g, human + m) for g, m in _by(ai, lambda one: one.example.generator)]
    made += [("attack", a, human + m) for a, m in _by(ai, lambda one: one.example.attack)]
    made += [("domain", d, m) for d, m in _by(judged, lambda one: one.example.domain)]
    return made


def _by(judged: Sequence[Judged], key: Callable[[Judged], str]) -> list[tuple[str, list[Judged]]]:
    values = sorted({key(one) for one in judged})
    return [(value, [one for one in judged if key(one) == value]) for value in values]


def _share_flagged(judged: Sequence[Judged], k: int) -> float | str:
    flags = [one.flagged[k] for one in judged if one.flagged is not None]
    return round(sum(flags) / len(flags), 4) if flags else ""
