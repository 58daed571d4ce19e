"""Fast-DetectGPT: conditional probability curvature, in its analytic form (Bao et al. 2024)."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from detectors.perplexity.detector import MIN_TOKENS, StatisticDetector
from detectors.protocol import DetectorSpec, PairStatistics, TokenStatistics


class FastDetect(StatisticDetector[TokenStatistics | PairStatistics]):
    """How far the text's log-likelihood lies above what the sampling model would reach.

    Given a model it samples from itself; given a pair, its sampling model is asked. Larger in
    machine text, as published. With scorers of about 10**8 parameters plain likelihood is better on
    chat models' text, and curvature fairer to learners' English.
    """

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="fast_detect",
        version="1",
        unit="standard deviations",
        min_tokens=MIN_TOKENS,
        cost_seconds=1.0,
        reference="Bao et al. 2024, arXiv:2310.05130",
        needs="model",
    )

    def value(self, statistics: TokenStatistics | PairStatistics) -> float:
        """(sum of log-likelihoods - sum of means) / sqrt(sum of variances); NaN without variance.

        Equation 4 with the moments taken over the whole vocabulary instead of samples.
        """
        gap = np.sum(statistics.log_likelihood, dtype=np.float64)
        gap -= np.sum(statistics.mean, dtype=np.float64)
        variance = float(np.sum(statistics.variance, dtype=np.float64))
        return float(gap) / math.sqrt(variance) if variance > 0 else math.nan
