"""The detectors of a run, in order of cost, and what each makes of a batch of texts.

A step is what costs: one detector, or one pass of a language model that several detectors read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from detectors.calibration import Calibration, Readings
from detectors.protocol import NOT_CALIBRATED, Detector, DetectorSpec, Score, Scorer


class Raw(NamedTuple):
    """What one detector gave for n texts.

    scores: float32 [n], NaN = abstained. n_tokens: int32 [n]. reasons: why it abstained, or None.
    """

    scores: NDArray[np.float32]
    n_tokens: NDArray[np.int32]
    reasons: list[str | None]


class Step(Protocol):
    """One thing to pay for."""

    @property
    def specs(self) -> tuple[DetectorSpec, ...]:
        """Of the detectors that it feeds."""

    def score(self, texts: Sequence[str]) -> dict[str, Raw]:
        """What each detector gives, by name; the same for a text in any batch."""


class DetectorStep:
    """A detector that reads texts itself."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.specs = (detector.spec,)

    def score(self, texts: Sequence[str]) -> dict[str, Raw]:
        """What the detector gives; by its fast path `score_many` where it has one."""
        many = getattr(self._detector, "score_many", None)
        raw = Raw(*many(texts)) if many else raw_of(self._detector.score(texts))
        return {self._detector.spec.name: raw}


class StatisticsStep:
    """Detectors that read a language model's statistics, all of one pass over each text."""

    def __init__(self, scorer: Scorer[Any], detectors: Sequence[Any]) -> None:
        """detectors: `perplexity.detector.StatisticDetector`s over `scorer`."""
        self._scorer, self._detectors = scorer, tuple(detectors)
        self.specs = tuple(detector.spec for detector in detectors)

    def score(self, texts: Sequence[str]) -> dict[str, Raw]:
        """What each detector gives."""
        statistics = self._scorer.statistics(texts)
        return {
            detector.spec.name: raw_of(detector.score_statistics(statistics))
            for detector in self._detectors
        }


def raw_of(scores: Sequence[Score]) -> Raw:
    """The scores as arrays."""
    values = [np.nan if score.value is None else score.value for score in scores]
    return Raw(
        np.array(values, np.float32),
        np.array([score.n_tokens for score in scores], np.int32),
        [score.reason for score in scores],
    )


def cost_seconds(step: Step) -> float:
    """CPU time of one text of 2,000 characters: detectors of one pass share its cost."""
    return max(spec.cost_seconds for spec in step.specs)


@dataclass(frozen=True)
class Panel:
    """Steps in order of cost. calibrations: by detector; without one, a score has no reading."""

    steps: tuple[Step, ...]
    calibrations: Mapping[str, Calibration]

    @classmethod
    def of(cls, steps: Sequence[Step], calibrations: Mapping[str, Calibration]) -> Panel:
        """The panel of `steps`, ordered. Raises ValueError where two feed one detector."""
        ordered = sorted(steps, key=lambda step: (cost_seconds(step), step.specs[0].name))
        panel = cls(tuple(ordered), dict(calibrations))
        if len(set(panel.names)) < len(panel.names):
            raise ValueError(f"a detector is named twice: {', '.join(panel.names)}")
        return panel

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every detector, in order of cost."""
        return tuple(spec.name for step in self.steps for spec in step.specs)

    def read(self, name: str, raw: Raw, languages: Sequence[str]) -> Readings:
        """What the scores of detector `name` mean; languages: ISO 639-1, [n]."""
        calibration = self.calibrations.get(name)
        if calibration is None:
            nothing = np.full(len(raw.scores), np.nan, np.float32)
            reasons: list[str | None] = [NOT_CALIBRATED] * len(raw.scores)
            return Readings(nothing, nothing, nothing, nothing, reasons)
        return calibration.read_many(raw.scores, languages, raw.n_tokens)
