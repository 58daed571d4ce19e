"""Perplexity: mean log-likelihood of the tokens (Gehrmann et al. 2019; Solaiman et al. 2019)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from detectors.perplexity.detector import MIN_TOKENS, StatisticDetector
from detectors.protocol import DetectorSpec, TokenStatistics


class Perplexity(StatisticDetector[TokenStatistics]):
    """Minus the logarithm of the perplexity: machine text is likelier than human text."""

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="perplexity",
        version="1",
        unit="nats per token",
        min_tokens=MIN_TOKENS,
        cost_seconds=1.0,
        reference="Solaiman et al. 2019, arXiv:1908.09203",
        needs="model",
    )

    def value(self, statistics: TokenStatistics) -> float:
        """Mean log-likelihood."""
        return -log_perplexity(statistics)  # low perplexity = machine


def log_perplexity(statistics: TokenStatistics) -> float:
    """ln of the perplexity: mean negative log-likelihood, nats per token."""
    return float(-np.mean(statistics.log_likelihood, dtype=np.float64))
