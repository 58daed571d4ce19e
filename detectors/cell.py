"""One cell of a calibration: what a score means for texts of one language, domain and length."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

#: Where the bins of a shape meet, nats; one bin more.
SHAPE_EDGES: Final = np.linspace(-5.0, 5.0, 21)
_NORMAL_95: Final = 1.959963984540054  # two-sided 95 % point of the standard normal
_WEAKEST: Final = 0.1  # kappa of the alternative that is most unlike the null; see `tail_llr`


class Ratio(NamedTuple):
    """ln of the likelihood ratio machine : human (nats), and the bounds of its 95 % interval."""

    value: Float64
    low: Float64
    high: Float64


@dataclass(frozen=True, slots=True)
class Cell:
    """The reference of one language, domain and length.

    domain: "" = any. unit: what `human_tail` speaks of: a new text of the reference's own mixture
    ("texts"), or of any source, seen or not ("sources"). sources: human texts per source. scores:
    where the tail steps, descending; tails: its values, ascending, one more. n_ai: machine texts;
    with them llr = intercept + slope * score, and the 2 x 2 covariance of the two; without (0) the
    ratio is what the tail alone can say. human_shapes, ai_shapes: texts per source and bin of that
    llr (SHAPE_EDGES), for estimates over many texts; empty without n_ai.
    """

    language: str
    domain: str
    min_tokens: int
    max_tokens: int
    unit: Literal["texts", "sources"]
    n_human: int
    n_ai: int
    sources: Mapping[str, int]
    scores: Float64
    tails: Float64
    intercept: float
    slope: float
    covariance: Float64
    human_shapes: Mapping[str, Sequence[int]] = field(default_factory=dict)
    ai_shapes: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, int, int]:
        """Which texts it is for: language, domain, first and last length."""
        return self.language, self.domain, self.min_tokens, self.max_tokens

    @property
    def name(self) -> str:
        """Language, domain and length in words."""
        domain = f" {self.domain}" if self.domain else ""
        return f"{self.language}{domain} {self.min_tokens}-{self.max_tokens}"

    @property
    def llr_limit(self) -> float:
        """The largest |llr| that so many texts can support: ln(n + 1)."""
        return math.log(min(self.n_human, self.n_ai or self.n_human) + 1)

    def human_tail(self, scores: Float64) -> Float64:
        """Share of human texts that score as high or higher, rounded up between the steps.

        Over texts the conformal p value; over sources the rate that nine of ten new sources stay
        below (`human_tails`).
        """
        n_steps_above = np.searchsorted(-self.scores, -scores, side="right")
        tail: Float64 = self.tails[n_steps_above]
        return tail

    def llr(self, scores: Float64) -> Ratio:
        """Ratio, lower and upper 95 % bound, each within what the sample supports."""
        limit = self.llr_limit
        ratio = self._platt(scores) if self.n_ai else tail_llr(self.human_tail(scores))
        return Ratio(*(np.clip(values, -limit, limit) for values in ratio))

    def threshold(self, fpr: float) -> float:
        """The score that at most a share `fpr` of human texts exceed: their tail is <= fpr.

        Raises ValueError where the reference is too small to tell.
        """
        n_allowed = int(np.searchsorted(self.tails, fpr * (1 + 1e-9), side="right"))
        if n_allowed < 1:
            raise ValueError(f"a false-positive rate of {fpr} needs {self._lacks(fpr)}")
        return float(self.scores[min(n_allowed, len(self.scores)) - 1])

    def _lacks(self, fpr: float) -> str:
        if self.unit == "texts":
            return f"{texts_needed(fpr)} human texts; {self.name} has {self.n_human}"
        return (
            f"more sources of human text, or more texts of each; {self.name} has "
            f"{len(self.sources)} with {self.n_human}"
        )

    def fpr_interval(self, fpr: float) -> tuple[float, float]:
        """95 % interval of the rate at which `threshold(fpr)` really flags human texts.

        Over n exchangeable texts the rate is Beta(r, n + 1 - r), r = floor(fpr (n + 1)). Over
        sources it is one-sided, 0 to fpr, and holds for nine of ten new sources. Raises ValueError
        as `threshold` does.
        """
        self.threshold(fpr)
        if self.unit == "sources":
            return 0.0, fpr
        rank = math.floor(fpr * (self.n_human + 1) + 1e-9)
        return beta_quantile(0.025, rank, self.n_human), beta_quantile(0.975, rank, self.n_human)

    def shape_edges(self) -> Float64:
        """SHAPE_EDGES as scores of this cell, ascending."""
        edges: Float64 = (SHAPE_EDGES - self.intercept) / self.slope
        return edges

    def _platt(self, scores: Float64) -> Ratio:
        line = self.intercept + self.slope * scores
        (variance, cross), (_, slope_variance) = self.covariance
        deviation = np.sqrt(variance + 2.0 * cross * scores + slope_variance * scores**2)
        return Ratio(line, line - _NORMAL_95 * deviation, line + _NORMAL_95 * deviation)

    def to_json(self) -> dict[str, Any]:
        """Plain data for the artefact."""
        arrays = ("scores", "tails", "covariance")
        return asdict(self) | {name: getattr(self, name).tolist() for name in arrays}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Cell:
        """The cell of an artefact's row."""
        numbers = {
            "intercept": float(row["intercept"]),
            "slope": float(row["slope"]),
            "scores": np.asarray(row["scores"], np.float64),
            "tails": np.asarray(row["tails"], np.float64),
            "covariance": np.asarray(row["covariance"], np.float64).reshape(2, 2),
        }
        return cls(**{**row, **numbers})


def texts_needed(fpr: float) -> int:
    """Human texts without which no threshold can promise `fpr`: 1 / (n + 1) <= fpr."""
    return math.ceil(1 / fpr - 1e-9) - 1


def tail_llr(tails: Float64) -> Ratio:
    """What p values alone say, without machine texts to compare with.

    Machine texts' p values are taken to have the density kappa p^(kappa - 1), 0 < kappa <= 1. The
    value is the logarithm of its mean over kappa, an e-value (Vovk and Wang 2021, equation 2); the
    upper bound its maximum, -ln(-e p ln p) below p = 1/e (Sellke, Bayarri and Berger 2001); the
    lower bound its minimum. Both bounds are over kappa >= 0.1.

    Chosen by measurement (benchmarks/quality/calibration.csv, reference "ratio"): with 100 human
    texts of each of 11 sets, the value costs 0.82 bits per text at even odds and 1.08 at worst; the
    bound taken as the value 0.86; the shipped line of other texts 0.95 and 1.69 at worst, moved to
    the set's median 1.01 and 2.15. Knowing nothing costs 1.
    """
    u = -np.log(tails)
    small = u < 1e-3
    safe = np.where(small, 1.0, u)
    mean = np.where(small, 0.5 + u / 6, (np.expm1(safe) - safe) / safe**2)
    kappa = np.clip(1 / np.maximum(u, 1e-300), _WEAKEST, 1.0)
    weakest = math.log(_WEAKEST) + (1 - _WEAKEST) * u
    return Ratio(np.log(mean), np.minimum(0.0, weakest), np.log(kappa) + (1 - kappa) * u)


def beta_quantile(share: float, rank: int, n: int) -> float:
    """The `share` quantile of Beta(rank, n + 1 - rank), by bisection of P(Bin(n, x) >= rank)."""
    below = np.arange(rank)
    choose = np.array([math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
                       for k in range(rank)])  # fmt: skip
    low, high = 0.0, 1.0
    while high - low > 1e-9:
        x = (low + high) / 2
        logs = choose + below * math.log(x) + (n - below) * math.log1p(-x)
        if 1 - np.exp(logs).sum() < share:
            low = x
        else:
            high = x
    return (low + high) / 2
