"""Makes a calibration: scores of human texts, and of machine texts where there are any -> cells.

`human_cells` is for a user's own human texts: what they read holds for more texts of the same
kind. `cells` is for many sources of human text beside machine text: what they read holds for texts
of a source that nobody has seen. A cell exists where its reference is large enough; elsewhere the
calibration abstains. Scores must come from a model that has not seen the text's source.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.cell import SHAPE_EDGES, Cell, texts_needed
from detectors.human_tails import source_tails, text_tails

#: Words of a text: first and last of each length bucket.
LENGTHS: Final = ((50, 99), (100, 199), (200, 399), (400, 799), (800, 1_000_000))

_MIN_SHAPE: Final = 30  # machine texts of a source
_NEWTON_STEPS: Final = 50


@dataclass(frozen=True, slots=True)
class Scored:
    """A held-out score.

    source: the human source or machine dataset: the unit of dependence. domain: "" = not stated.
    """

    value: float
    n_tokens: int
    language: str
    source: str
    is_ai: bool
    domain: str = ""


@dataclass(frozen=True, slots=True)
class TextGroup:
    """Texts of one language, domain ("" = any) and length, and how many a cell needs of them."""

    language: str
    domain: str
    min_tokens: int
    max_tokens: int
    n_human: int
    needed: int


@dataclass(frozen=True, slots=True)
class CellRule:
    """When a cell over sources is honest: enough sources of human text, and machine text beside it.

    A source, or each domain of one, has a say in the tail with `min_per_source` texts, the more the
    more it has; there must be `min_sources` such, with `min_human` texts in all. undated: sources
    whose human texts are not known to be older than machine text; they have a say in the ratio
    alone. max_per_source: in the ratio, more texts of one source are left out at random (seeded),
    so that no register is the reference for all.
    """

    min_human: int = 200
    min_sources: int = 9
    min_per_source: int = 30
    min_ai: int = 100
    max_per_source: int = 300
    undated: Sequence[str] = ()
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
    language, low, high = key
    sources = _human_sources(items, rule)
    kept = limited(items, rule=rule)
    n_human, n_ai = sum(map(len, sources.values())), sum(item.is_ai for item in kept)
    if len(sources) < rule.min_sources or n_human < rule.min_human or n_ai < rule.min_ai:
        return None
    (intercept, slope), covariance = platt(kept)
    if slope <= 0:
        return None
    scores, tails = source_tails(list(sources.values()))
    counts = {name: len(values) for name, values in sources.items()}
    machine = _ai_sources(items)
    return Cell(
        language, "", low, high, "sources", n_human, n_ai, counts, scores, tails,
        intercept, slope, covariance,
        human_shapes={name: _shape(v, intercept, slope) for name, v in sources.items()},
        ai_shapes={name: _shape(v, intercept, slope) for name, v in machine.items()},
    )  # fmt: skip


def _shape(values: Sequence[float], intercept: float, slope: float) -> list[int]:
    """Texts per bin of the ratio; a value on an edge is below it."""
    bins = np.searchsorted(SHAPE_EDGES, intercept + slope * np.asarray(values))
    counts: list[int] = np.bincount(bins, minlength=len(SHAPE_EDGES) + 1).tolist()
    return counts


def _ai_sources(items: Iterable[Scored]) -> dict[str, list[float]]:
    """Machine scores of every source with enough of them for a shape."""
    found: dict[str, list[float]] = defaultdict(list)
    for item in items:
        if item.is_ai:
            found[item.source].append(item.value)
    return {name: values for name, values in sorted(found.items()) if len(values) >= _MIN_SHAPE}


def _human_sources(items: Iterable[Scored], rule: CellRule) -> dict[str, list[float]]:
    """Human scores of every source, or domain of one, that has a say in the tail."""
    found: dict[str, list[float]] = defaultdict(list)
    for item in items:
        if not item.is_ai and item.source not in rule.undated:
            found[item.domain or item.source].append(item.value)
    return {
        name: values for name, values in sorted(found.items()) if len(values) >= rule.min_per_source
    }


def human_cells(
    scored: Iterable[Scored], *, fpr: float
) -> tuple[tuple[Cell, ...], tuple[TextGroup, ...]]:
    """Cells of human texts alone at every level that can tell `fpr`, and all groups there are.

    The levels are one domain and length, one domain, one length, and the whole language; a text is
    read by the first that exists. No cell reaches lengths that its texts hardly have.
    """
    groups: dict[tuple[str, str, int, int], list[Scored]] = {}
    for (language, domain), items in sorted(_by_domain(scored).items()):
        buckets = _by_length(items)
        groups |= {(language, domain, *length): held for length, held in buckets.items()}
        groups.setdefault((language, domain, *_reach(buckets)), items)
    needed = texts_needed(fpr)
    cells_ = [_human_cell(key, held) for key, held in groups.items() if len(held) >= needed]
    return tuple(cells_), tuple(TextGroup(*key, len(held), needed) for key, held in groups.items())


def _by_domain(scored: Iterable[Scored]) -> dict[tuple[str, str], list[Scored]]:
    """Texts by language and domain, and once more by language alone."""
    found: dict[tuple[str, str], list[Scored]] = defaultdict(list)
    for item in scored:
        if not item.is_ai and item.n_tokens >= LENGTHS[0][0]:
            for domain in sorted({item.domain, ""}):
                found[item.language, domain].append(item)
    return found


def _by_length(items: Iterable[Scored]) -> dict[tuple[int, int], list[Scored]]:
    found: dict[tuple[int, int], list[Scored]] = {length: [] for length in LENGTHS}
    for item in items:
        found[next(n for n in LENGTHS if n[0] <= item.n_tokens <= n[1])].append(item)
    return {length: held for length, held in found.items() if held}


def _reach(buckets: Mapping[tuple[int, int], Sequence[Scored]]) -> tuple[int, int]:
    """First and last length of the buckets that hold a twentieth of all texts or more."""
    total = sum(map(len, buckets.values()))
    common = [length for length, held in buckets.items() if len(held) >= total / 20]
    return min(common)[0], max(common)[1]


def _human_cell(key: tuple[str, str, int, int], items: Sequence[Scored]) -> Cell:
    sources = Counter(item.source for item in items)
    scores, tails = text_tails([item.value for item in items])
    return Cell(
        *key, "texts", len(items), 0, dict(sorted(sources.items())), scores, tails,
        0.0, 0.0, np.zeros((2, 2)),
    )  # fmt: skip


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
