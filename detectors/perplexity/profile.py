"""The token profile: named statistics of how a language model finds a text, token by token.

All are means, shares, quantiles, moments or correlations: none grows with the length of the text.
Natural logarithms, nats. The plain twin is `kernels.reference_profile`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from detectors.protocol import TokenStatistics

WINDOW_TOKENS: Final = 32  # windows of a text; the last, shorter one is left out
SURE: Final = float(np.log(0.9))  # likelihoods of tokens that could hardly be others ...
STILL: Final = 1e-9  # a standard deviation below which nothing varies but rounding
UNLIKELY: Final = float(np.log(0.001))  # ... and of tokens that nobody expected

Vector: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Tokens:
    """Statistics of a text's tokens in float64, and what is made of them more than once."""

    statistics: TokenStatistics

    @cached_property
    def ll(self) -> Vector:
        """Log-likelihoods."""
        return self.statistics.log_likelihood.astype(np.float64)

    @cached_property
    def log_rank(self) -> Vector:
        """Logarithms of the ranks."""
        return np.log(self.statistics.rank.astype(np.float64))

    @cached_property
    def entropy(self) -> Vector:
        """Entropies of the next-token distributions."""
        return self.statistics.entropy.astype(np.float64)

    @cached_property
    def gap(self) -> Vector:
        """Log-likelihood less that of the likeliest token; 0 at best."""
        return self.ll - self.statistics.top1.astype(np.float64)

    @cached_property
    def variance(self) -> Vector:
        """Variances of the log-likelihood of a drawn token."""
        return self.statistics.variance.astype(np.float64)

    @cached_property
    def surplus(self) -> Vector:
        """Log-likelihood less its expectation under the model."""
        return self.ll + self.entropy

    @cached_property
    def windows(self) -> Vector:
        """Mean log-likelihood of each whole window; of the text where there is none."""
        return _window_means(self.ll)


Measure: TypeAlias = Callable[[Tokens], float]


def _window_means(values: Vector) -> Vector:
    n = len(values) // WINDOW_TOKENS
    if not n:
        return values.mean(keepdims=True)
    return np.asarray(values[: n * WINDOW_TOKENS].reshape(n, WINDOW_TOKENS).mean(axis=1))


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below else 0.0


def _moment(values: Vector, power: int) -> float:
    """Standardised central moment; 0 where nothing varies."""
    centred = values - values.mean()
    spread = float(np.sqrt((centred**2).mean()))
    return float((centred**power).mean()) / spread**power if spread > STILL else 0.0


def _correlation(a: Vector, b: Vector) -> float:
    if len(a) < 2:
        return 0.0
    x, y = a - a.mean(), b - b.mean()
    spreads = float(np.sqrt((x**2).mean())), float(np.sqrt((y**2).mean()))
    return float((x * y).mean()) / math.prod(spreads) if min(spreads) > STILL else 0.0


def _lag(values: Vector) -> float:
    return _correlation(values[:-1], values[1:])


def _curvature(tokens: Tokens) -> float:
    return _ratio(float(tokens.surplus.mean()), float(np.sqrt(tokens.variance.mean())))


def _halves(tokens: Tokens) -> float:
    middle = len(tokens.ll) // 2
    return float(tokens.ll[middle:].mean() - tokens.ll[:middle].mean()) if middle else 0.0


def _runs(tokens: Tokens) -> float:
    """Mean length of runs of likeliest tokens."""
    is_top = tokens.statistics.rank == 1
    n_runs = int(is_top[:1].sum() + (is_top[1:] & ~is_top[:-1]).sum())
    return _ratio(float(is_top.sum()), n_runs)


def _steps(tokens: Tokens) -> Vector:
    return np.diff(tokens.ll) if len(tokens.ll) > 1 else np.zeros(1)


def _bends(tokens: Tokens) -> Vector:
    return np.diff(tokens.ll, n=2) if len(tokens.ll) > 2 else np.zeros(1)


def _share_to(rank: int) -> tuple[str, Measure]:
    meaning = f"share of tokens of rank {rank} or better (GLTR, Gehrmann et al. 2019)"
    return meaning, lambda tokens: float((tokens.statistics.rank <= rank).mean())


def _quantile(percent: int) -> tuple[str, Measure]:
    meaning = f"{percent} % quantile of log-likelihoods"
    return meaning, lambda tokens: float(np.quantile(tokens.ll, percent / 100))


#: name -> (meaning, definition).
FEATURES: Final[dict[str, tuple[str, Measure]]] = {
    "ll": ("mean log-likelihood", lambda t: float(t.ll.mean())),
    "ll_deviation": ("standard deviation of log-likelihoods", lambda t: float(t.ll.std())),
    "ll_skewness": (
        "skewness of log-likelihoods (DivEye, Basani & Chen 2025)",
        lambda t: _moment(t.ll, 3),
    ),
    "ll_kurtosis": ("kurtosis of log-likelihoods (DivEye)", lambda t: _moment(t.ll, 4)),
    **{f"ll_at_{percent}": _quantile(percent) for percent in (5, 10, 25, 50, 75)},
    "log_rank": ("mean ln rank", lambda t: float(t.log_rank.mean())),
    "log_rank_deviation": ("standard deviation of ln rank", lambda t: float(t.log_rank.std())),
    "lrr": (
        "log-likelihood over log-rank (LRR, Su et al. 2023)",
        lambda t: -_ratio(float(t.ll.mean()), float(t.log_rank.mean())),
    ),
    "entropy": ("mean entropy", lambda t: float(t.entropy.mean())),
    "entropy_deviation": ("standard deviation of entropies", lambda t: float(t.entropy.std())),
    "gap": ("mean log-likelihood less that of the likeliest", lambda t: float(t.gap.mean())),
    "gap_deviation": ("its standard deviation", lambda t: float(t.gap.std())),
    "surplus": ("mean log-likelihood less its expectation", lambda t: float(t.surplus.mean())),
    "surplus_deviation": ("its standard deviation", lambda t: float(t.surplus.std())),
    "curvature": (
        "Fast-DetectGPT's curvature over the root of the length (Bao et al. 2024)",
        _curvature,
    ),
    "binoculars": (
        "log-perplexity over mean entropy (one model; cf. Hans et al. 2024)",
        lambda t: -_ratio(float(t.ll.mean()), float(t.entropy.mean())),
    ),
    **{f"rank_to_{rank}": _share_to(rank) for rank in (1, 10, 100, 1000)},
    "sure": (
        "share of tokens likelier than 0.9",
        lambda t: float((t.ll > SURE).mean()),
    ),
    "unlikely": (
        "share of tokens less likely than 0.001",
        lambda t: float((t.ll < UNLIKELY).mean()),
    ),
    "runs": ("mean length of runs of likeliest tokens", _runs),
    "ll_entropy": (
        "correlation of log-likelihood and entropy",
        lambda t: _correlation(t.ll, t.entropy),
    ),
    "ll_lag": ("correlation of neighbouring log-likelihoods", lambda t: _lag(t.ll)),
    "entropy_lag": ("correlation of neighbouring entropies", lambda t: _lag(t.entropy)),
    "step": (
        "mean |difference| of neighbouring log-likelihoods",
        lambda t: float(np.abs(_steps(t)).mean()),
    ),
    "step_deviation": ("standard deviation of these differences", lambda t: float(_steps(t).std())),
    "bend_deviation": (
        "standard deviation of second differences (DivEye)",
        lambda t: float(_bends(t).std()),
    ),
    "bend_lag": ("correlation of neighbouring second differences", lambda t: _lag(_bends(t))),
    "window_deviation": (
        f"standard deviation of mean log-likelihoods of {WINDOW_TOKENS} tokens",
        lambda t: float(t.windows.std()),
    ),
    "window_least": ("the least of them", lambda t: float(t.windows.min())),
    "window_most": ("the largest of them", lambda t: float(t.windows.max())),
    "window_gap_least": (
        f"the least mean gap of {WINDOW_TOKENS} tokens",
        lambda t: float(_window_means(t.gap).min()),
    ),
    "window_surplus_most": (
        f"the largest mean surplus of {WINDOW_TOKENS} tokens",
        lambda t: float(_window_means(t.surplus).max()),
    ),
    "window_step": (
        "mean |difference| of neighbouring windows",
        lambda t: float(np.abs(np.diff(t.windows)).mean()) if len(t.windows) > 1 else 0.0,
    ),
    "halves": ("mean log-likelihood of the second half less the first's", _halves),
}
NAMES: Final = tuple(FEATURES)


def token_profile(statistics: TokenStatistics) -> Vector:
    """Every named statistic, float64 [len(NAMES)]; NaN for a text without a predicted token."""
    if not len(statistics.log_likelihood):
        return np.full(len(NAMES), np.nan)
    tokens = Tokens(statistics)
    return np.array([definition(tokens) for _, definition in FEATURES.values()])
