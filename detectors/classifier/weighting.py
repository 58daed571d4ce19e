"""How much each text counts in training: groups, labels and hard human texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]


def group_weights(
    is_ai: NDArray[np.bool_], groups: Sequence[str], datasets: Sequence[str], *, balance: float
) -> Vector:
    """Weights of texts, float64 [n], each label summing to one half.

    Groups weigh as a power of their size. In a data set of both labels, both weigh the same, so
    that its topics say nothing.
    """
    sizes = Counter(zip(is_ai.tolist(), groups, strict=True))
    keys = zip(is_ai.tolist(), groups, strict=True)
    weights = np.array([float(sizes[key]) ** (balance - 1.0) for key in keys])
    names = np.array(datasets)
    is_paired = np.zeros(len(weights), np.bool_)
    for name in np.unique(names):
        human, ai = (names == name) & ~is_ai, (names == name) & is_ai
        if human.any() and ai.any():
            weights[human] *= weights[ai].sum() / weights[human].sum()
            is_paired |= human | ai
    return _with_equal_labels(weights, is_ai, is_paired)


def _with_equal_labels(
    weights: Vector, is_ai: NDArray[np.bool_], is_paired: NDArray[np.bool_]
) -> Vector:
    human, ai = ~is_paired & ~is_ai, ~is_paired & is_ai
    if human.any() and ai.any():
        weights[human] *= weights[ai].sum() / weights[human].sum()
    for label in (False, True):
        weights[is_ai == label] *= 0.5 / weights[is_ai == label].sum()
    return weights


def harder(
    scores: Vector, is_ai: NDArray[np.bool_], weights: Vector, *, quantile: float, factor: float
) -> Vector:
    """Weights in which the human texts most like a machine's count more; labels stay balanced.

    The human texts that score above `quantile` of the human weight count `factor` times more.
    """
    human = ~is_ai
    order = np.argsort(scores[human])
    below = np.cumsum(weights[human][order]) <= quantile * weights[human].sum()
    factors = np.ones(int(human.sum()))
    factors[order[~below]] = factor
    raised = weights.copy()
    raised[human] *= factors
    raised[human] *= weights[human].sum() / raised[human].sum()
    return raised
