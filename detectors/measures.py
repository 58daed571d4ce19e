"""What a detector's scores are worth on labelled texts, in float64.

`human` and `ai` are scores, float64 [n] and [m], higher = more machine-like, none of them NaN.
Bootstrap intervals are percentile intervals over documents, humans and machines resampled apart;
texts of one author or prompt count as independent, so the intervals are the narrowest that hold.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Float64: TypeAlias = NDArray[np.float64]

#: The share of the distribution that an interval leaves out at each end.
_TAIL: Final = 0.025
#: Resampled scores that are in memory at once.
_BLOCK: Final = 4_000_000
#: Texts per run above which a multinomial draw is faster than drawing text by text.
_DRAWS_PER_RUN: Final = 4
_BINS: Final = 15  # of the calibration error, as in Guo et al. 2017, arXiv:1706.04599


def auroc(human: Float64, ai: Float64) -> float:
    """Chance that an AI text scores above a human one, ties counting half (Mann-Whitney)."""
    ordered = np.sort(human)
    below = np.searchsorted(ordered, ai, side="left")
    not_above = np.searchsorted(ordered, ai, side="right")
    return float((below + not_above).mean() / (2 * len(ordered)))


def oracle_threshold(human: Float64, rate: float) -> float:
    """The lowest of these human scores that at most a share `rate` of them exceed."""
    return float(np.sort(human)[_rank(len(human), rate)])


def oracle_tpr(human: Float64, ai: Float64, rate: float) -> float:
    """Share of AI texts above the threshold that these very human texts would set."""
    return float((ai > oracle_threshold(human, rate)).mean())


def roc(human: Float64, ai: Float64, *, n_points: int = 200) -> tuple[Float64, Float64]:
    """False- and true-positive rates of falling thresholds, from (0, ...) to (1, 1).

    At most `n_points` + 1, evenly spread over the logarithm of the false-positive rate.
    """
    n = len(human)
    ranks = np.unique(np.geomspace(1, n, n_points).round().astype(np.int64))
    thresholds = np.sort(human)[::-1][ranks - 1]
    false, true = (
        1 - np.searchsorted(np.sort(values), thresholds, side="right") / len(values)
        for values in (human, ai)
    )
    return np.r_[false, 1.0], np.r_[true, 1.0]


def cllr(human: Float64, ai: Float64) -> float:
    """Cost of log-likelihood ratios (natural logarithm) in bits: 0 is perfect, 1 says nothing.

    Equation 4 of Brümmer and du Preez 2006, doi:10.1016/j.csl.2005.08.001.
    """
    missed, alarmed = np.logaddexp(0.0, -ai).mean(), np.logaddexp(0.0, human).mean()
    return float((missed + alarmed) / (2 * math.log(2)))


def calibration_error(human: Float64, ai: Float64) -> float:
    """Expected calibration error of the posterior that the log-likelihood ratios give.

    Prior odds of one: both classes weigh the same, whatever their numbers. 15 bins of equal width.
    """
    posterior = np.exp(-np.logaddexp(0.0, -np.r_[human, ai]))
    weights = np.r_[np.full(len(human), 0.5 / len(human)), np.full(len(ai), 0.5 / len(ai))]
    is_ai = np.arange(len(weights)) >= len(human)
    bins = np.minimum((posterior * _BINS).astype(np.int64), _BINS - 1)
    said = np.bincount(bins, weights * posterior, minlength=_BINS)
    true = np.bincount(bins, weights * is_ai, minlength=_BINS)
    return float(np.abs(said - true).sum())


def auroc_interval(
    human: Float64, ai: Float64, *, n_resamples: int, rng: np.random.Generator
) -> tuple[float, float]:
    """The 95 % bootstrap interval of `auroc`."""
    of_human, of_ai = runs(human, ai)
    found = np.empty(n_resamples)
    step = max(1, _BLOCK // (len(human) + len(ai)))
    for start in range(0, n_resamples, step):
        n = min(step, n_resamples - start)
        drawn_human = _drawn(of_human, n, rng)
        below = np.cumsum(drawn_human, axis=1) - drawn_human / 2
        found[start : start + n] = np.einsum("rk,rk->r", below, _drawn(of_ai, n, rng) * 1.0)
    return _interval(found / (len(human) * len(ai)))


def runs(human: Float64, ai: Float64) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Human and AI texts in each run of ascending scores, int64 [k].

    A run is one score that both classes have, or all neighbours that one class has alone: what is
    compared within it are ties, or nothing. So k is at most twice the smaller class, plus one.
    """
    values, places = np.unique(np.r_[human, ai], return_inverse=True)
    counts = [
        np.bincount(some, minlength=len(values))
        for some in (places[: len(human)], places[len(human) :])
    ]
    kind = (counts[0] > 0) + 2 * (counts[1] > 0)
    starts = np.flatnonzero(np.r_[True, (kind[1:] != kind[:-1]) | (kind[1:] == 3)])
    return np.add.reduceat(counts[0], starts), np.add.reduceat(counts[1], starts)


def tpr_interval(
    human: Float64, ai: Float64, rate: float, *, n_resamples: int, rng: np.random.Generator
) -> tuple[float, float]:
    """The 95 % bootstrap interval of `oracle_tpr`.

    Nothing is resampled: the threshold of a resample is an order statistic, whose place among the
    sorted scores is floor(n * Beta(r, n - r + 1)), and the AI texts above it are then binomial.
    """
    n, m = len(human), len(ai)
    r = _rank(n, rate) + 1
    places = np.minimum((n * rng.beta(r, n - r + 1, n_resamples)).astype(np.int64), n - 1)
    thresholds = np.sort(human)[places]
    above = m - np.searchsorted(np.sort(ai), thresholds, side="right")
    return _interval(rng.binomial(m, above / m) / m)


def _rank(n: int, rate: float) -> int:
    """The place from 0, ascending, of the score that at most a share `rate` of n lie above."""
    return n - 1 - min(n - 1, math.floor(rate * n + 1e-9))


def _drawn(
    counts: NDArray[np.int64], n_resamples: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """How often each run is drawn when as many texts are drawn as there are, [n_resamples, k]."""
    n, k = int(counts.sum()), len(counts)
    if n > _DRAWS_PER_RUN * k:
        return rng.multinomial(n, counts / n, size=n_resamples)
    drawn = np.repeat(np.arange(k), counts)[rng.integers(n, size=(n_resamples, n))]
    drawn += np.arange(n_resamples)[:, None] * k
    return np.bincount(drawn.ravel(), minlength=n_resamples * k).reshape(n_resamples, k)


def _interval(found: Float64) -> tuple[float, float]:
    low, high = np.quantile(found, (_TAIL, 1 - _TAIL))
    return float(low), float(high)
