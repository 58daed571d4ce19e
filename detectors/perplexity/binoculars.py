"""Binoculars: perplexity against cross-perplexity of two related models (Hans et al. 2024)."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from detectors.perplexity.detector import MIN_TOKENS, StatisticDetector
from detectors.protocol import DetectorSpec, PairStatistics


class Binoculars(StatisticDetector[PairStatistics]):
    """Minus the ratio of log-perplexity to cross-perplexity.

    The pair's scoring model is the paper's performer (the instructed one), its sampling model the
    observer. The thresholds of the paper are for one pair of 7B models, and are not here.
    """

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="binoculars",
        version="1",
        unit="ratio",
        min_tokens=MIN_TOKENS,
        cost_seconds=2.0,
        reference="Hans et al. 2024, arXiv:2401.12070",
        needs="pair",
    )

    def value(self, statistics: PairStatistics) -> float:
        """The published score, flipped."""
        return -binoculars(statistics)  # a low ratio = machine


def binoculars(statistics: PairStatistics) -> float:
    """log-perplexity of the performer / its mean cross-entropy under the observer (equation 4)."""
    cross_entropy = -float(np.sum(statistics.mean, dtype=np.float64))
    log_perplexity = -float(np.sum(statistics.log_likelihood, dtype=np.float64))
    return log_perplexity / cross_entropy if cross_entropy > 0 else math.nan
