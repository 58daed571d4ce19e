"""GLTR: which share of tokens is among the 10, 100, 1,000 likeliest (Gehrmann et al. 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.perplexity.detector import MIN_TOKENS, StatisticDetector
from detectors.protocol import DetectorSpec, TokenStatistics


@dataclass(frozen=True, slots=True)
class Histogram:
    """Shares of tokens by rank; they sum to 1. The boxes of GLTR: green, yellow, red, purple."""

    to_10: float
    to_100: float
    to_1000: float
    above: float


def histogram(statistics: TokenStatistics) -> Histogram:
    """Shares of tokens with ranks 1-10, 11-100, 101-1000 and above; NaN for a text without any."""
    counts, _ = np.histogram(statistics.rank, bins=[1, 11, 101, 1001, np.iinfo(np.int64).max])
    shares = counts / len(statistics.rank) if len(statistics.rank) else np.full(4, np.nan)
    return Histogram(*shares.tolist())


class GLTR(StatisticDetector[TokenStatistics]):
    """The share of tokens among the ten likeliest: larger in machine text. `histogram` has all."""

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="gltr",
        version="1",
        unit="share of tokens",
        min_tokens=MIN_TOKENS,
        cost_seconds=1.0,
        reference="Gehrmann et al. 2019, arXiv:1906.04043",
        needs="model",
    )

    def value(self, statistics: TokenStatistics) -> float:
        """Share of tokens of rank 10 or better."""
        return histogram(statistics).to_10
