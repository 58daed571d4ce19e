"""Logistic regression of authorship on log-likelihood ratios, with weights that are never negative.

    llr = intercept + weights . llrs,   weights >= 0                              (nats)

Both labels count the same (prior odds of one), so that the fitted logit is a log-likelihood ratio
(Platt 1999 does so for one score). A group of n texts weighs as sqrt(n) of them, and the
covariance is clustered by group (Liang and Zeger 1986): texts of one source are not independent.
Labels are strata: how many texts there are of each was chosen, and adds no doubt.

Weights that rest on few sources are worse for new ones than equal weights (Clemen 1989), so they
are drawn to one another, as hard as if a group were one text, however many it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

#: Detectors are taken to repeat each other until texts show otherwise: weights are drawn to 1 / k,
#: the mean of k ratios, and the intercept to 0, as hard as this many texts would pull,
PRIOR_TEXTS: Final = 10.0
#: and to one another as hard as this many groups would.
PRIOR_GROUPS: Final = 10.0
_STEPS: Final = 100
_HALVINGS: Final = 40
_TOLERANCE: Final = 1e-10


@dataclass(frozen=True, slots=True)
class Stacked:
    """beta: intercept and weights, float64 [1 + k]. covariance: of beta, [1 + k, 1 + k].

    The covariance is zero where a weight is held at zero.
    """

    beta: Float64
    covariance: Float64


def stack(llrs: Float64, is_ai: NDArray[np.bool_], groups: NDArray[np.str_]) -> Stacked:
    """The regression of `is_ai` on llrs, float64 [n, k] without NaN; groups: [n].

    Raises ValueError unless both labels occur.
    """
    if is_ai.all() or not is_ai.any():
        raise ValueError("stacking needs texts of both labels")
    n, k = llrs.shape
    design = np.c_[np.ones(n), llrs]
    prior = np.r_[0.0, np.full(k, 1.0 / k)]
    penalty = prior_precision(k, texts_per_group=n / len(np.unique(groups)))
    problem = _Problem(
        design, is_ai.astype(np.float64), text_weights(is_ai, groups), prior, penalty
    )
    beta = _solve(problem)
    return Stacked(beta, _covariance(problem, beta, is_ai, groups))


def prior_precision(k: int, *, texts_per_group: float) -> Float64:
    """How hard intercept and k weights are drawn to their prior, float64 [1 + k, 1 + k]."""
    penalty: Float64 = PRIOR_TEXTS * np.eye(1 + k)
    penalty[1:, 1:] += PRIOR_GROUPS * texts_per_group * (np.eye(k) - 1 / k)
    return penalty


def text_weights(is_ai: NDArray[np.bool_], groups: NDArray[np.str_]) -> Float64:
    """What each text counts, float64 [n]: sum n, half for each label, sqrt(size) for each group."""
    weights = np.empty(len(is_ai))
    for label in (False, True):
        of_label = is_ai == label
        _, place, size = np.unique(groups[of_label], return_inverse=True,
                                   return_counts=True)  # fmt: skip
        counted = 1.0 / np.sqrt(size[place])
        weights[of_label] = counted * (len(is_ai) / (2.0 * counted.sum()))
    return weights


@dataclass(frozen=True, slots=True)
class _Problem:
    design: Float64
    targets: Float64
    weights: Float64
    prior: Float64
    penalty: Float64

    def value(self, beta: Float64) -> float:
        """The penalised log-likelihood."""
        logits = self.design @ beta
        likelihood = self.targets * logits - np.logaddexp(0.0, logits)
        away = beta - self.prior
        return float(self.weights @ likelihood - 0.5 * away @ self.penalty @ away)

    def pull(self, beta: Float64) -> Float64:
        """Its gradient."""
        residuals = self.weights * (self.targets - _sigmoid(self.design @ beta))
        gradient: Float64 = self.design.T @ residuals - self.penalty @ (beta - self.prior)
        return gradient

    def curvature(self, beta: Float64) -> Float64:
        """Minus its second derivative: positive definite."""
        fitted = _sigmoid(self.design @ beta)
        weighted = self.design * (self.weights * fitted * (1.0 - fitted))[:, None]
        hessian: Float64 = weighted.T @ self.design + self.penalty
        return hessian


def _solve(problem: _Problem) -> Float64:
    """Projected Newton (Bertsekas 1982): weights that want to go below zero are held there."""
    beta = problem.prior.copy()
    for _ in range(_STEPS):
        pull, is_free = problem.pull(beta), _is_free(problem, beta)
        hessian = problem.curvature(beta)[np.ix_(is_free, is_free)]
        step = np.zeros(len(beta))
        step[is_free] = np.linalg.solve(hessian, pull[is_free])
        moved = _uphill(problem, beta, step)
        if np.abs(moved - beta).max() < _TOLERANCE:
            return moved
        beta = moved
    return beta


def _is_free(problem: _Problem, beta: Float64) -> NDArray[np.bool_]:
    is_free = (beta > 0.0) | (problem.pull(beta) > 0.0)
    is_free[0] = True
    return is_free


def _uphill(problem: _Problem, beta: Float64, step: Float64) -> Float64:
    """The end of the longest of step, step / 2, step / 4, ... that does not lose likelihood."""
    before = problem.value(beta)
    for _ in range(_HALVINGS):
        moved = beta + step
        moved[1:] = np.maximum(moved[1:], 0.0)
        if problem.value(moved) >= before:
            return moved
        step = step / 2.0
    return beta


def _covariance(
    problem: _Problem, beta: Float64, is_ai: NDArray[np.bool_], groups: NDArray[np.str_]
) -> Float64:
    is_free = _is_free(problem, beta)
    free = np.ix_(is_free, is_free)
    residuals = problem.weights * (problem.targets - _sigmoid(problem.design @ beta))
    pulls = (problem.design * residuals[:, None])[:, is_free]
    bread = np.linalg.inv(problem.curvature(beta)[free])
    meat = sum(
        _spread(pulls[is_ai == label], problem.weights[is_ai == label], groups[is_ai == label])
        for label in (False, True)
    )
    covariance = np.zeros((len(beta), len(beta)))
    covariance[free] = bread @ meat @ bread
    return covariance


def _spread(pulls: Float64, weights: Float64, groups: NDArray[np.str_]) -> Float64:
    """How far the groups' pulls lie from what their weights would give them, summed: [k, k]."""
    names, place = np.unique(groups, return_inverse=True)
    sums, shares = np.zeros((len(names), pulls.shape[1])), np.zeros(len(names))
    np.add.at(sums, place, pulls)
    np.add.at(shares, place, weights / weights.sum())
    away = sums - shares[:, None] * pulls.sum(axis=0)
    spread: Float64 = away.T @ away * (len(names) / max(1, len(names) - 1))
    return spread


def _sigmoid(logits: Float64) -> Float64:
    return np.exp(-np.logaddexp(0.0, -logits))
