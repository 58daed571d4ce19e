"""Entropy: of the next-token distributions, in the mean (Gehrmann et al. 2019)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from detectors.perplexity.detector import MIN_TOKENS, StatisticDetector
from detectors.protocol import DetectorSpec, TokenStatistics


class Entropy(StatisticDetector[TokenStatistics]):
    """Minus the mean entropy: a model is surer of what follows machine text.

    The baseline of Mitchell et al. (2023) has the other sign, with which texts of today's chat
    models rank below chance (AUROC .17 with SmolLM2-135M).
    """

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="entropy",
        version="1",
        unit="nats per token",
        min_tokens=MIN_TOKENS,
        cost_seconds=1.0,
        reference="Gehrmann et al. 2019, arXiv:1906.04043",
        needs="model",
    )

    def value(self, statistics: TokenStatistics) -> float:
        """Mean entropy, flipped."""
        return -float(np.mean(statistics.entropy, dtype=np.float64))  # low entropy = machine
