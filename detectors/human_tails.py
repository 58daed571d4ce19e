"""How high scores of human texts reach: the steps of a cell's tail, from the texts of a reference.

Steps are scores, descending, and the tails above and below each: one more. `text_tails` speaks of
more texts of the reference's own mixture, `source_tails` of texts of a source that nobody has seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

#: Share of new sources whose rate stays below the one that `source_tails` states.
NEW_SOURCES: Final = 0.9
_NORMAL: Final = 1.2815515655446004  # the standard normal's quantile at NEW_SOURCES
#: Student's quantile at NEW_SOURCES, by degrees of freedom: few.
_STUDENT: Final = {1: 3.0776835, 2: 1.8856181, 3: 1.6377444, 4: 1.5332063}
_FEWEST: Final = 3  # sources that show how they differ
_EXACT_RANKS: Final = 200  # of the upper tail; below it every hundredth part is enough
_COARSE_POINTS: Final = 200
_FINE_BELOW: Final = 0.1


def text_tails(values: Sequence[float]) -> tuple[Float64, Float64]:
    """Steps of the conformal tail (1 + humans at or above) / (n + 1) (Vovk et al. 2005)."""
    ordered = np.sort(np.asarray(values, np.float64))[::-1]
    coarse = np.linspace(1, len(ordered), _COARSE_POINTS).astype(np.int64)
    exact = np.arange(1, min(_EXACT_RANKS, len(ordered)) + 1)
    ranks = np.unique(np.r_[exact, coarse])
    return ordered[ranks - 1], np.r_[ranks, len(values) + 1] / (len(values) + 1)


def source_tails(sources: Sequence[Sequence[float]]) -> tuple[Float64, Float64]:
    """Steps of the tail that nine of ten new sources stay below; sources: scores of each.

    Of one or two sources nobody can tell how they differ: it is the highest of their own. Every
    2,000th part is a step up to a tail of 0.1, above it every 200th.
    """
    ordered = [np.sort(np.asarray(values, np.float64)) for values in sources]
    at = np.r_[np.inf, np.unique(np.concatenate(ordered))[::-1]]
    n_above = np.array([len(v) - np.searchsorted(v, at, side="left") for v in ordered])
    n_texts = np.array([len(values) for values in ordered])
    rate_of = new_source_rate if len(ordered) >= _FEWEST else _highest_rate
    rates = np.maximum.accumulate(rate_of(n_above, n_texts))
    above, tails = rates[:-1], rates[1:]
    level = np.where(tails < _FINE_BELOW, np.floor(tails * 2000), np.floor(tails * 200) + 2000)
    steps = np.flatnonzero(np.r_[True, np.diff(level) > 0])
    return at[1:][steps], np.r_[above[steps], 1.0]


def new_source_rate(n_above: NDArray[np.int64], n_texts: NDArray[np.int64]) -> Float64:
    """The rate that a new source stays below with probability 0.9, float64 [t].

    n_above: of m sources, texts that reach each of t scores, [m, t]; n_texts: all, [m]. Logits of
    the sources' rates are a normal sample of which each is seen through the chance of its own texts
    (0.5 added to both counts, Anscombe 1956); the variance between sources is DerSimonian and
    Laird's (1986), the bound the one-sided prediction limit of Higgins, Thompson and Spiegelhalter
    (2009), so that few sources, and few texts of each, widen it.

    Chosen by measurement (benchmarks/quality/fusion.csv): by the highest of all sources' rates
    much less machine text is found, by the rate of all texts pooled every fourth source of those
    left out exceeds what is stated.
    """
    hits, misses = n_above + 0.5, n_texts[:, None] - n_above + 0.5
    logits, chance = np.log(hits / misses), 1 / hits + 1 / misses
    n_sources = len(n_texts)
    center = _weighted_mean(logits, 1 / chance)
    heterogeneity = ((logits - center) ** 2 / chance).sum(axis=0)
    total, squares = (1 / chance).sum(axis=0), (1 / chance**2).sum(axis=0)
    excess = heterogeneity - (n_sources - 1)
    between = np.maximum(0.0, excess / (total - squares / total))
    weights = 1 / (chance + between)
    doubt = np.sqrt(between + 1 / weights.sum(axis=0))
    limit = _weighted_mean(logits, weights) + _student_quantile(n_sources - 2) * doubt
    rate: Float64 = 1 / (1 + np.exp(-limit))
    return rate


def _highest_rate(n_above: NDArray[np.int64], n_texts: NDArray[np.int64]) -> Float64:
    rate: Float64 = ((1 + n_above) / (1 + n_texts[:, None])).max(axis=0)
    return rate


def _weighted_mean(values: Float64, weights: Float64) -> Float64:
    mean: Float64 = (values * weights).sum(axis=0) / weights.sum(axis=0)
    return mean


def _student_quantile(freedom: int) -> float:
    """Student's t at NEW_SOURCES: by table, then Abramowitz and Stegun 26.7.5, four terms.

    The series is 4 % too low at one degree of freedom, and within 1 in 10,000 from five on.
    """
    if freedom in _STUDENT:
        return _STUDENT[freedom]
    z = _NORMAL
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return sum(term / freedom**power for power, term in enumerate(terms))
