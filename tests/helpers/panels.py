"""Panels of made-up detectors that say what they are told, each with a calibration of its own."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np

from detectors.calibrate import CellRule, Scored, cells
from detectors.calibration import Calibration, Fingerprint
from detectors.fusion import Fusion, fit
from detectors.panel import DetectorStep, Panel
from detectors.protocol import TOO_SHORT, DetectorSpec, Score

RULE = CellRule(min_human=100, min_sources=3, min_ai=100)


class Told:
    """A detector of given scores: text -> score; a text it was told nothing of abstains."""

    def __init__(self, name: str, cost_seconds: float, scores: Mapping[str, float]) -> None:
        self.spec = DetectorSpec(name, "1", "nats", 1, cost_seconds, "made up")
        self.scores = scores
        self.asked: list[str] = []

    def score(self, texts: Sequence[str]) -> list[Score]:
        self.asked += texts
        values = [self.scores.get(text) for text in texts]
        return [Score(value, 100, None if value is not None else TOO_SHORT) for value in values]


@functools.cache
def calibration(name: str, *, n: int = 600) -> Calibration:
    """Of English texts of 50 to 99 and 100 to 199 tokens, on n human and n machine scores."""
    rng = np.random.default_rng(len(name))
    items = [
        Scored(float(value), n_tokens, "en", f"s{i % 6}", is_ai)
        for n_tokens in (80, 150)
        for is_ai in (False, True)
        for i, value in enumerate(rng.normal(2.0 if is_ai else 0.0, 1.0, n))
    ]
    fingerprint = Fingerprint(name, "1", "1", "float64", "made up")
    return Calibration(fingerprint, f"data of {name}", cells(items, rule=RULE))


def panel(detectors: Sequence[Told], *, calibrated: Sequence[str] | None = None) -> Panel:
    """The detectors, each with its calibration, or only those that are `calibrated`."""
    names = [one.spec.name for one in detectors] if calibrated is None else calibrated
    return Panel.of([DetectorStep(one) for one in detectors],
                    {name: calibration(name) for name in names})  # fmt: skip


NAMES = ("cheap", "middling", "dear")
COSTS = (1e-4, 0.05, 1.0)


def three(scores: Sequence[Mapping[str, float]]) -> list[Told]:
    """Three detectors of rising cost, of these scores."""
    return [Told(name, cost, told) for name, cost, told in zip(NAMES, COSTS, scores, strict=True)]


@functools.cache
def fusion() -> Fusion:
    """Of the three: fitted for all and for all pairs but the first."""
    rng = np.random.default_rng(0)
    is_ai = np.arange(1200) % 2 == 0
    llrs = rng.normal(np.where(is_ai, 1.0, -1.0)[:, None], 2.0, size=(1200, 3))
    groups = [f"g{i % 10}" for i in range(1200)]
    whole = fit(llrs, is_ai, groups, NAMES, rule=RULE)
    return Fusion(NAMES, tuple(one for one in whole.combinations if one.members != NAMES[:2]))
