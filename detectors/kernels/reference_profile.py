"""The plain twin of `perplexity.profile`: loops over floats, obviously right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from detectors.kernels.reference import TokenTwin

_WINDOW: Final = 32
_STILL: Final = 1e-9


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean."""
    return math.fsum(values) / len(values)


def moment(values: Sequence[float], power: int) -> float:
    """Central moment."""
    middle = mean(values)
    return mean([(value - middle) ** power for value in values])


def deviation(values: Sequence[float]) -> float:
    """Standard deviation of the population."""
    return math.sqrt(moment(values, 2))


def standardised(values: Sequence[float], power: int) -> float:
    """Standardised moment: 3 = skewness, 4 = kurtosis; 0 where nothing varies."""
    spread = deviation(values)
    return moment(values, power) / spread**power if spread > _STILL else 0.0


def quantile(values: Sequence[float], share: float) -> float:
    """Linear between the two nearest values."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Pearson's; 0 where nothing varies."""
    if len(a) < 2:
        return 0.0
    product = mean([(x - mean(a)) * (y - mean(b)) for x, y in zip(a, b, strict=True)])
    spreads = deviation(a), deviation(b)
    return product / math.prod(spreads) if min(spreads) > _STILL else 0.0


def lag(values: Sequence[float]) -> float:
    """Correlation of each value with the next."""
    return correlation(values[:-1], values[1:])


def steps(values: Sequence[float]) -> list[float]:
    """Differences of neighbours; one 0 where there are none."""
    return [b - a for a, b in pairwise(values)] or [0.0]


def windows(values: Sequence[float]) -> list[float]:
    """Means of whole windows; of all where there is none."""
    n = len(values) // _WINDOW
    return [mean(values[i * _WINDOW : (i + 1) * _WINDOW]) for i in range(n)] or [mean(values)]


def runs(is_top: Sequence[bool]) -> float:
    """Mean length of runs of true values; 0 without one."""
    n_runs = sum(now and not before for before, now in pairwise([False, *is_top]))
    return sum(is_top) / n_runs if n_runs else 0.0


def token_profile(tokens: Sequence[TokenTwin]) -> dict[str, float]:
    """Every statistic of `perplexity.profile.FEATURES` of a text of one token or more."""
    ll = [token.log_likelihood for token in tokens]
    return _of_likelihoods(ll) | _of_ranks(tokens) | _of_models(tokens) | _of_order(tokens)


def _of_likelihoods(ll: Sequence[float]) -> dict[str, float]:
    return {
        "ll": mean(ll),
        "ll_deviation": deviation(ll),
        "ll_skewness": standardised(ll, 3),
        "ll_kurtosis": standardised(ll, 4),
        "sure": mean([float(value > math.log(0.9)) for value in ll]),
        "unlikely": mean([float(value < math.log(0.001)) for value in ll]),
        **{f"ll_at_{percent}": quantile(ll, percent / 100) for percent in (5, 10, 25, 50, 75)},
    }


def _of_ranks(tokens: Sequence[TokenTwin]) -> dict[str, float]:
    log_ranks = [math.log(token.rank) for token in tokens]
    ll = mean([token.log_likelihood for token in tokens])
    return {
        "log_rank": mean(log_ranks),
        "log_rank_deviation": deviation(log_ranks),
        "lrr": -ll / mean(log_ranks) if any(log_ranks) else 0.0,
        "runs": runs([token.rank == 1 for token in tokens]),
        **{
            f"rank_to_{limit}": mean([float(token.rank <= limit) for token in tokens])
            for limit in (1, 10, 100, 1000)
        },
    }


def _of_models(tokens: Sequence[TokenTwin]) -> dict[str, float]:
    ll = [token.log_likelihood for token in tokens]
    entropies = [token.entropy for token in tokens]
    gaps = [token.log_likelihood - token.top1 for token in tokens]
    surplus = [token.log_likelihood + token.entropy for token in tokens]
    spread = math.sqrt(mean([token.variance for token in tokens]))
    return {
        "entropy": mean(entropies),
        "entropy_deviation": deviation(entropies),
        "gap": mean(gaps),
        "gap_deviation": deviation(gaps),
        "surplus": mean(surplus),
        "surplus_deviation": deviation(surplus),
        "curvature": mean(surplus) / spread if spread else 0.0,
        "binoculars": -mean(ll) / mean(entropies) if any(entropies) else 0.0,
        "ll_entropy": correlation(ll, entropies),
        "entropy_lag": lag(entropies),
        "window_gap_least": min(windows(gaps)),
        "window_surplus_most": max(windows(surplus)),
    }


def _of_order(tokens: Sequence[TokenTwin]) -> dict[str, float]:
    ll = [token.log_likelihood for token in tokens]
    bends = steps(steps(ll)) if len(ll) > 2 else [0.0]
    middle = len(ll) // 2
    return {
        "ll_lag": lag(ll),
        "step": mean([abs(step) for step in steps(ll)]),
        "step_deviation": deviation(steps(ll)),
        "bend_deviation": deviation(bends),
        "bend_lag": lag(bends),
        "window_deviation": deviation(windows(ll)),
        "window_least": min(windows(ll)),
        "window_most": max(windows(ll)),
        "window_step": mean([abs(step) for step in steps(windows(ll))]),
        "halves": mean(ll[middle:]) - mean(ll[:middle]) if middle else 0.0,
    }
