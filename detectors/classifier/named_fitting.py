"""Fits a logistic model over named features that moves little with the source and with typos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.classifier.named import LIMIT, NamedModel, Vector

_SMALLEST_UNIT: Final = 15  # texts of a unit whose mean says something
_NEWTON_STEPS: Final = 50
_LONGEST_STEP: Final = 5.0
_TOLERANCE: Final = 1e-8


@dataclass(frozen=True, slots=True)
class NamedOptions:
    """How a model over named features is fitted.

    l2: ridge penalty per unit of total weight. drift: penalty on the variance, over human sources
    and over sets of machine texts, of their mean score: what tells registers apart and not
    authorship costs. typos: penalty on the square of what typing errors change the mean score by,
    of human texts and of machine texts. balance: a group of n texts weighs n**balance.
    """

    l2: float = 1e-3
    drift: float = 0.03
    typos: float = 0.0
    balance: float = 0.5


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts of a fit. values: features, float64 [n, F]; weights: float64 [n], summing to one.

    units: the human source or machine data set that each is from. mistyped: features of the same
    texts with typing errors, as `values`, NaN where they are not known; needed where these are
    penalised.
    """

    values: Vector
    is_ai: NDArray[np.bool_]
    units: Sequence[str]
    weights: Vector
    mistyped: Vector | None = None


def fit_named(names: Sequence[str], texts: Labelled, options: NamedOptions) -> NamedModel:
    """The model of least weighted log-loss plus penalties; deterministic (Newton's method)."""
    mean = texts.weights @ texts.values
    variance = texts.weights @ (texts.values - mean) ** 2
    scale = np.sqrt(np.maximum(variance, 1e-12))
    design = np.clip((texts.values - mean) / scale, -LIMIT, LIMIT)
    penalty = np.zeros((len(names) + 1, len(names) + 1))
    penalty[:-1, :-1] = options.drift * drift(design, texts.is_ai, texts.units)
    penalty[:-1, :-1] += options.l2 * np.eye(len(names))
    if options.typos and texts.mistyped is not None:
        changes = np.clip((texts.mistyped - mean) / scale, -LIMIT, LIMIT) - design
        known = np.isfinite(changes).all(axis=1)
        penalty[:-1, :-1] += options.typos * shift(
            changes[known], texts.is_ai[known], texts.weights[known]
        )
    beta = _minimise(np.c_[design, np.ones(len(design))], texts, penalty)
    return NamedModel(tuple(names), mean, scale, beta[:-1], float(beta[-1]))


def drift(design: Vector, is_ai: NDArray[np.bool_], units: Sequence[str]) -> Vector:
    """Covariance of the units' means, of human sources plus of machine sets, [F, F]."""
    names = np.asarray(units)
    total = np.zeros((design.shape[1], design.shape[1]))
    for label in (False, True):
        of_label = is_ai == label
        members = [of_label & (names == name) for name in np.unique(names[of_label])]
        means = [design[one].mean(axis=0) for one in members if one.sum() >= _SMALLEST_UNIT]
        if means:
            centred = np.array(means) - np.mean(means, axis=0)
            total += centred.T @ centred / len(means)
    return total


def shift(changes: Vector, is_ai: NDArray[np.bool_], weights: Vector) -> Vector:
    """Outer product of the mean change of human texts, plus that of machine texts, [F, F]."""
    total = np.zeros((changes.shape[1], changes.shape[1]))
    for label in (False, True):
        of_label = is_ai == label
        if of_label.any():
            mean = np.average(changes[of_label], axis=0, weights=weights[of_label])
            total += np.outer(mean, mean)
    return total


def _minimise(design: Vector, texts: Labelled, penalty: Vector) -> Vector:
    beta = np.zeros(design.shape[1])
    ridge = penalty + 1e-9 * np.eye(len(beta))
    for _ in range(_NEWTON_STEPS):
        fitted = np.exp(-np.logaddexp(0.0, -(design @ beta)))
        gradient = design.T @ (texts.weights * (texts.is_ai - fitted)) - ridge @ beta
        curvature = texts.weights * fitted * (1.0 - fitted)
        step = np.linalg.solve((design * curvature[:, None]).T @ design + ridge, gradient)
        beta += step * min(1.0, _LONGEST_STEP / max(float(np.abs(step).max()), 1e-300))
        if np.abs(step).max() < _TOLERANCE:
            break
    return beta
