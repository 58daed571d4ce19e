"""Log-rank: mean logarithm of the rank of each token (Mitchell et al. 2023, as a baseline)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from detectors.perplexity.detector import MIN_TOKENS, StatisticDetector
from detectors.protocol import DetectorSpec, TokenStatistics


class LogRank(StatisticDetector[TokenStatistics]):
    """Minus the mean log-rank: machine text keeps to the likely tokens."""

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="log_rank",
        version="1",
        unit="ln rank",
        min_tokens=MIN_TOKENS,
        cost_seconds=1.0,
        reference="Mitchell et al. 2023, arXiv:2301.11305",
        needs="model",
    )

    def value(self, statistics: TokenStatistics) -> float:
        """Mean log-rank, flipped."""
        return -mean_log_rank(statistics)  # low ranks = machine


def mean_log_rank(statistics: TokenStatistics) -> float:
    """Mean of ln rank; 0 where every token is the most likely one."""
    return float(np.mean(np.log(statistics.rank)))
