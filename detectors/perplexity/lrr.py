"""LRR: log-likelihood to log-rank ratio (Su et al. 2023, DetectLLM, equation 1)."""

from __future__ import annotations

import math
from typing import ClassVar

from detectors.perplexity.detector import MIN_TOKENS, StatisticDetector
from detectors.perplexity.log_rank import mean_log_rank
from detectors.perplexity.perplexity import log_perplexity
from detectors.protocol import DetectorSpec, TokenStatistics


class LRR(StatisticDetector[TokenStatistics]):
    """|sum of log-likelihoods / sum of log-ranks|: larger in machine text, as published.

    Sensitive to how logits are rounded: ties in bfloat16 alone move it by most of a standard
    deviation. A text whose every token is the most likely one abstains.
    """

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="lrr",
        version="1",
        unit="ratio",
        min_tokens=MIN_TOKENS,
        cost_seconds=1.0,
        reference="Su et al. 2023, arXiv:2306.05540",
        needs="model",
    )

    def value(self, statistics: TokenStatistics) -> float:
        """The ratio; infinite where no token has a rank above 1."""
        log_rank = mean_log_rank(statistics)
        return log_perplexity(statistics) / log_rank if log_rank else math.inf
