"""What all detectors of token statistics share: texts in, scores or abstentions out."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Final, Generic, TypeVar

from detectors.calibration import Fingerprint
from detectors.protocol import (
    DEGENERATE,
    TOO_SHORT,
    DetectorSpec,
    PairStatistics,
    Score,
    Scorer,
    TokenStatistics,
)

#: Below it statistics are noise: AUROC .78 at 64 tokens, .90 at 128, .95 at 256 (SmolLM2-135M).
MIN_TOKENS: Final = 64
#: Different tokens that a text has at least; fewer are a table rule, a run of marks or a refrain.
MIN_DISTINCT: Final = 20

S = TypeVar("S", bound=TokenStatistics | PairStatistics)


class StatisticDetector(ABC, Generic[S]):
    """One statistic of a text's tokens. Subclasses say which, higher = more machine-like.

    Abstains below MIN_TOKENS predicted tokens and MIN_DISTINCT different ones, and where the
    statistic is not finite.
    """

    spec: ClassVar[DetectorSpec]

    def __init__(self, scorer: Scorer[S]) -> None:
        self._scorer: Scorer[S] = scorer

    @property
    def fingerprint(self) -> Fingerprint:
        """What its calibration must be for: the scorer's model, dtype, tokenizer and windows."""
        return self._scorer.fingerprint(self.spec)

    @abstractmethod
    def value(self, statistics: S) -> float:
        """The score of a text of at least one predicted token; may be infinite or NaN."""

    def score_statistics(self, statistics: Sequence[S]) -> list[Score]:
        """One score per text, in order, from statistics that were taken before."""
        return [self._score(one) for one in statistics]

    def score(self, texts: Sequence[str]) -> list[Score]:
        """One score per text, in order."""
        return self.score_statistics(self._scorer.statistics(texts))

    def _score(self, statistics: S) -> Score:
        n = len(statistics.log_likelihood)
        if n < self.spec.min_tokens:
            return Score(None, n, TOO_SHORT if n else DEGENERATE)
        if statistics.n_distinct < MIN_DISTINCT:
            return Score(None, n, DEGENERATE)
        value = self.value(statistics)
        return Score(value, n) if math.isfinite(value) else Score(None, n, DEGENERATE)
