"""Logistic regression over hashed n-grams and named features, weighted and deterministic."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from detectors.classifier import about
from detectors.classifier.augment import augmented
from detectors.classifier.examples import Example
from detectors.classifier.kinds import Kind, Progress
from detectors.classifier.linear import LinearDetector, LinearModel, text_features
from detectors.classifier.weighting import Vector, group_weights, harder
from detectors.kernels.documents import Features
from detectors.kernels.ngrams import N_BUCKETS
from detectors.kernels.sparse import column_sums, row_sums
from detectors.kernels.style import N_FEATURES

_STYLE_LIMIT: Final = 4.0  # deviations; as in kernels.documents.style_score


@dataclass(frozen=True, slots=True)
class LinearOptions:
    """How a linear model is fitted.

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


def train_linear(
    examples: Sequence[Example],
    options: LinearOptions,
    *,
    seed: int,
    checkpoint: Path | None = None,  # noqa: ARG001
    progress: Progress,
) -> LinearModel:
    """A model fitted on one augmented window of each example: one step, too short to keep."""
    rng = random.Random(seed)
    features = text_features([augmented(example.text, rng=rng) for example in examples])
    is_ai = np.array([example.is_ai for example in examples])
    groups = [example.group for example in examples]
    datasets = [example.dataset for example in examples]
    weights = group_weights(is_ai, groups, datasets, balance=options.balance)
    model = fit(features, is_ai, weights, options)
    progress()
    return model


def fit(
    features: Features, is_ai: NDArray[np.bool_], weights: Vector, options: LinearOptions
) -> LinearModel:
    """The fitted model. weights: float64 [n], summing to one."""
    mean, scale = _standardisation(features.style, weights)
    style = np.clip((features.style - mean) / scale, -_STYLE_LIMIT, _STYLE_LIMIT)
    parameters = np.zeros(N_BUCKETS + N_FEATURES + 1)
    for round_ in range(options.hard_rounds + 1):
        if round_:
            scores = _logits(features, style, parameters)
            weights = harder(
                scores, is_ai, weights, quantile=options.hard_quantile, factor=options.hard_factor
            )
        parameters = _minimise(features, style, _Labels(is_ai, weights), parameters, options)
    return LinearModel(
        buckets=parameters[:N_BUCKETS].astype(np.float16).astype(np.float32),
        style=parameters[N_BUCKETS:-1],
        style_mean=mean,
        style_scale=scale,
        bias=float(parameters[-1]),
    )


def _standardisation(style: Vector, weights: Vector) -> tuple[Vector, Vector]:
    mean = weights @ style / weights.sum()
    variance = weights @ (style - mean) ** 2 / weights.sum()
    return mean, np.sqrt(np.maximum(variance, 1e-12))


def _logits(features: Features, style: Vector, parameters: Vector) -> Vector:
    logits = np.empty(len(features.bounds) - 1)
    row_sums(features.buckets, features.weights, features.bounds, parameters[:N_BUCKETS], logits)
    return logits + style @ parameters[N_BUCKETS:-1] + parameters[-1]


def _minimise(
    features: Features, style: Vector, labels: _Labels, start: Vector, options: LinearOptions
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


KIND: Final = Kind(LinearOptions, train_linear, LinearDetector, lambda _: 1, about.LINEAR)
