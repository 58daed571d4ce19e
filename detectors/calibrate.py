"""Makes a calibration: held-out scores of human and machine texts -> cells.

A cell exists where its reference is large and varied enough (`CellRule`); elsewhere the calibration
abstains. Scores must come from a model that has not seen the text's source.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.calibration import Cell

#: Words of a text: first and last of each length bucket.
LENGTHS: Final = ((50, 99), (100, 199), (200, 399), (400, 799), (800, 1_000_000))

_EXACT_RANKS: Final = 200  # of the upper tail; below it every hundredth part is enough
_COARSE_POINTS: Final = 200
_NEWTON_STEPS: Final = 50


@dataclass(frozen=True, slots=True)
class Scored:
    """A held-out score. source: the human source or machine dataset: the unit of dependence."""

    value: float
    n_tokens: int
    language: str
    source: str
    is_ai: bool


@dataclass(frozen=True, slots=True)
class CellRule:
    """When a cell is honest: enough human texts, of several sources, and machine texts to compare.

    max_per_source: more texts of one source are left out at random (seeded), so that no register
    is the reference for all.
    """

    min_human: int = 200
    min_sources: int = 3
    min_ai: int = 100
    max_per_source: int = 300
    seed: int = 0


def cells(scored: Iterable[Scored], *, rule: CellRule) -> tuple[Cell, ...]:
    """Every cell that `rule` allows, by language and length."""
    by_cell: dict[tuple[str, int, int], list[Scored]] = defaultdict(list)
    for item in scored:
        for low, high in LENGTHS:
            if low <= item.n_tokens <= high:
                by_cell[item.language, low, high].append(item)
    made = (_cell(key, items, rule) for key, items in sorted(by_cell.items()))
    return tuple(cell for cell in made if cell is not None)


def _cell(key: tuple[str, int, int], items: Sequence[Scored], rule: CellRule) -> Cell | None:
    kept = limited(items, rule=rule)
    human = [item for item in kept if not item.is_ai]
    n_ai = len(kept) - len(human)
    sources = {name: sum(item.source == name for item in human) for name in _sources(human)}
    if len(human) < rule.min_human or len(sources) < rule.min_sources or n_ai < rule.min_ai:
        return None
    (intercept, slope), covariance = platt(kept)
    if slope <= 0:
        return None
    ranks, scores = upper_ranks([item.value for item in human])
    return Cell(*key, len(human), n_ai, sources, ranks, scores, intercept, slope, covariance)


def limited(items: Sequence[Scored], *, rule: CellRule) -> list[Scored]:
    """At most `max_per_source` items of each source and label, chosen by seed, source by source."""
    by_source: dict[tuple[bool, str], list[Scored]] = defaultdict(list)
    for item in items:
        by_source[item.is_ai, item.source].append(item)
    kept: list[Scored] = []
    for _, group in sorted(by_source.items()):
        rng = random.Random(rule.seed)
        kept += rng.sample(group, min(len(group), rule.max_per_source))
    return kept


def upper_ranks(values: Sequence[float]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Ranks from the top and their scores, descending: the 200 highest, then a coarse grid."""
    ordered = np.sort(np.asarray(values, np.float64))[::-1]
    coarse = np.linspace(1, len(ordered), _COARSE_POINTS).astype(np.int64)
    exact = np.arange(1, min(_EXACT_RANKS, len(ordered)) + 1)
    ranks = np.unique(np.r_[exact, coarse])
    return ranks, ordered[ranks - 1]


def platt(
    items: Sequence[Scored],
) -> tuple[tuple[float, float], NDArray[np.float64]]:
    """Intercept and slope of the log-likelihood ratio in the score, and their covariance.

    Logistic regression with both labels at equal total weight (prior odds of one), and targets
    drawn in from 0 and 1 as Platt (1999) proposes. The covariance is clustered by source (Liang and
    Zeger 1986): texts of one source are not independent.
    """
    scores = np.array([item.value for item in items])
    is_ai = np.array([item.is_ai for item in items])
    design = np.c_[np.ones(len(scores)), scores]
    weights, targets = _balanced(is_ai)
    beta = _newton(design, targets, weights)
    fitted = _sigmoid(design @ beta)
    bread = np.linalg.inv((design * (weights * fitted * (1 - fitted))[:, None]).T @ design)
    pulls = design * (weights * (targets - fitted))[:, None]
    names = np.array([f"{item.is_ai}:{item.source}" for item in items])
    clusters = np.array([pulls[names == name].sum(axis=0) for name in np.unique(names)])
    n_clusters = len(clusters)
    meat = clusters.T @ clusters * (n_clusters / max(1, n_clusters - 1))
    return (float(beta[0]), float(beta[1])), bread @ meat @ bread


def _balanced(is_ai: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    n_ai, n = int(is_ai.sum()), len(is_ai)
    weights = np.where(is_ai, n / (2 * n_ai), n / (2 * (n - n_ai)))
    targets = np.where(is_ai, (n_ai + 1) / (n_ai + 2), 1 / (n - n_ai + 2))
    return weights, targets


def _newton(
    design: NDArray[np.float64], targets: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    beta = np.zeros(design.shape[1])
    for _ in range(_NEWTON_STEPS):
        fitted = _sigmoid(design @ beta)
        gradient = design.T @ (weights * (targets - fitted))
        hessian = (design * (weights * fitted * (1 - fitted))[:, None]).T @ design
        step = np.linalg.solve(hessian + 1e-9 * np.eye(len(beta)), gradient)
        beta += np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-10:
            break
    return beta


def _sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(-np.logaddexp(0.0, -logits))


def _sources(items: Iterable[Scored]) -> list[str]:
    return sorted({item.source for item in items})
