"""Logistic regression over hashed n-grams and named features, weighted and deterministic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from detectors.classifier.linear import LinearModel
from detectors.kernels.documents import Features
from detectors.kernels.ngrams import N_BUCKETS
from detectors.kernels.sparse import column_sums, row_sums
from detectors.kernels.style import N_FEATURES

Vector: TypeAlias = NDArray[np.float64]

_STYLE_LIMIT: Final = 4.0  # deviations; as in kernels.documents.style_score


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How a model is fitted.

    l2_*: ridge penalties per unit of total weight. balance: a group of n texts weighs n**balance.
    hard_rounds: refits in which the human texts that score above `hard_quantile` of the human
    weight count `hard_factor` times more.
    """

    l2_ngrams: float = 1e-5
    l2_style: float = 1e-4
    balance: float = 0.5
    iterations: int = 60
    hard_rounds: int = 1
    hard_quantile: float = 0.95
    hard_factor: float = 3.0


class _Labels(NamedTuple):
    is_ai: NDArray[np.bool_]
    weights: Vector


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


def fit(
    features: Features, is_ai: NDArray[np.bool_], weights: Vector, options: FitOptions
) -> LinearModel:
    """The fitted model. weights: float64 [n], summing to one."""
    mean, scale = _standardisation(features.style, weights)
    style = np.clip((features.style - mean) / scale, -_STYLE_LIMIT, _STYLE_LIMIT)
    parameters = np.zeros(N_BUCKETS + N_FEATURES + 1)
    for round_ in range(options.hard_rounds + 1):
        if round_:
            scores = _logits(features, style, parameters)
            weights = harder(scores, is_ai, weights, options=options)
        parameters = _minimise(features, style, _Labels(is_ai, weights), parameters, options)
    return LinearModel(
        buckets=parameters[:N_BUCKETS].astype(np.float16).astype(np.float32),
        style=parameters[N_BUCKETS:-1],
        style_mean=mean,
        style_scale=scale,
        bias=float(parameters[-1]),
    )


def harder(
    scores: Vector, is_ai: NDArray[np.bool_], weights: Vector, *, options: FitOptions
) -> Vector:
    """Weights in which the human texts most like a machine's count more; labels stay balanced."""
    human = ~is_ai
    order = np.argsort(scores[human])
    below = np.cumsum(weights[human][order]) <= options.hard_quantile * weights[human].sum()
    factors = np.ones(int(human.sum()))
    factors[order[~below]] = options.hard_factor
    raised = weights.copy()
    raised[human] *= factors
    raised[human] *= weights[human].sum() / raised[human].sum()
    return raised


def _standardisation(style: Vector, weights: Vector) -> tuple[Vector, Vector]:
    mean = weights @ style / weights.sum()
    variance = weights @ (style - mean) ** 2 / weights.sum()
    return mean, np.sqrt(np.maximum(variance, 1e-12))


def _logits(features: Features, style: Vector, parameters: Vector) -> Vector:
    logits = np.empty(len(features.bounds) - 1)
    row_sums(features.buckets, features.weights, features.bounds, parameters[:N_BUCKETS], logits)
    return logits + style @ parameters[N_BUCKETS:-1] + parameters[-1]


def _minimise(
    features: Features, style: Vector, labels: _Labels, start: Vector, options: FitOptions
) -> Vector:
    sign, weights = np.where(labels.is_ai, 1.0, -1.0), labels.weights
    penalty = np.r_[
        np.full(N_BUCKETS, options.l2_ngrams), np.full(N_FEATURES, options.l2_style), 0.0
    ]
    at = torch.tensor(start, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [at], max_iter=options.iterations, history_size=10, line_search_fn="strong_wolfe"
    )

    def loss_and_gradient() -> torch.Tensor:
        parameters = at.detach().numpy()
        margin = sign * _logits(features, style, parameters)
        pull = -weights * sign * np.exp(-np.logaddexp(0.0, margin))
        gradient = np.empty_like(parameters)
        by_bucket = gradient[:N_BUCKETS]
        column_sums(features.buckets, features.weights, features.bounds, pull, by_bucket)
        gradient[N_BUCKETS:-1] = pull @ style
        gradient[-1] = pull.sum()
        at.grad = torch.from_numpy(gradient + penalty * parameters)
        loss = weights @ np.logaddexp(0.0, -margin) + 0.5 * (penalty @ parameters**2)
        return torch.tensor(loss, dtype=torch.float64)

    optimiser.step(loss_and_gradient)
    return at.detach().numpy().copy()
