"""What every detector promises.

One score per text, in order; higher is more machine-like; the same text scores the same in any
batch; a text that is too short, empty or degenerate abstains with a reason. A score is no verdict:
`calibration` says what it means for a language and a length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from detectors.calibration import Fingerprint

TOO_SHORT: Final = "too_short"
DEGENERATE: Final = "degenerate"
NOT_CALIBRATED: Final = "not_calibrated"
NOT_NEEDED: Final = "not_needed"  # it was not asked: the only one that is no abstention

Float32: TypeAlias = NDArray[np.float32]
S_co = TypeVar("S_co", covariant=True)


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """What a detector is.

    unit: of its score ("logit", "nats per token", ...). min_tokens: below which it abstains.
    cost_seconds: rough CPU time of a 2,000-character text, by which a cascade orders detectors.
    reference: the paper or model card. needs: what its constructor is given: nothing, a language
    `model`, a `pair` of them, or a sequence `classifier`.
    """

    name: str
    version: str
    unit: str
    min_tokens: int
    cost_seconds: float
    reference: str
    needs: Literal["nothing", "model", "pair", "classifier"] = "nothing"


@dataclass(frozen=True, slots=True)
class Score:
    """One text's score, raw and unclamped, or None with the reason for abstaining."""

    value: float | None
    n_tokens: int
    reason: str | None = None


@runtime_checkable
class Detector(Protocol):
    """Texts in, one score each."""

    spec: DetectorSpec

    def score(self, texts: Sequence[str]) -> list[Score]: ...


@dataclass(frozen=True, slots=True)
class TokenStatistics:
    """What a language model says of a text: one value per predicted token, [n]; nats.

    rank: int64, 1 = the most likely token. entropy: of the next-token distribution. top1: the
    log-likelihood of its most likely token. variance: of the log-likelihood of a token drawn from
    it. n_distinct: how many different tokens the text has.
    """

    log_likelihood: Float32
    rank: NDArray[np.int64]
    entropy: Float32
    top1: Float32
    variance: Float32
    n_distinct: int

    @property
    def mean(self) -> Float32:
        """Mean log-likelihood of a token drawn from the model itself."""
        return -self.entropy


@dataclass(frozen=True, slots=True)
class PairStatistics:
    """What two models say of a text: one value per predicted token, float32 [n]; nats.

    log_likelihood: under the scoring model. mean, variance: of the scoring model's log-likelihood
    of a token drawn from the sampling model. n_distinct: how many different tokens the text has.
    """

    log_likelihood: Float32
    mean: Float32
    variance: Float32
    n_distinct: int


class Scorer(Protocol[S_co]):
    """Texts in, one statistics object each: `language_model.LanguageModel` or a `ModelPair`."""

    def statistics(self, texts: Sequence[str]) -> Sequence[S_co]: ...

    def fingerprint(self, spec: DetectorSpec) -> Fingerprint:
        """What the scores of detector `spec` depend on when it reads these statistics."""
