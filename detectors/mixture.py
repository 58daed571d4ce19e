"""The share of machine text among many texts, without a verdict on any of them.

Verdicts mislead where machine text is rare: at a false-positive rate of 1 % and a share of 1 %,
half of what is flagged is human. The scores of all texts together say more: a mixture of the
human and the machine distribution, and its proportion is estimated by maximum likelihood (Saerens,
Latinne and Decaestecker 2002, here over bins). The reference is a sample of sources, and no text is
of all of them: that doubt is a bootstrap over sources.

With human texts alone only a bound from below exists (Storey 2002; Patra and Sen 2016).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.cell import Cell, beta_quantile

Float64 = NDArray[np.float64]

#: Tails at which texts are counted for a bound from below, ascending.
BOUND_TAILS: Final = (0.05, 0.1, 0.2, 0.3, 0.5)
_HALVINGS: Final = 30
_DRAWS: Final = 400
_SMOOTHING: Final = 0.2  # texts added to every bin of a source: no bin is impossible
_NORMAL_95: Final = 1.959963984540054
_NORMAL_ONE_SIDED: Final = 2.3263478740408408  # 99 %: five counts together 95 % (Bonferroni)


@dataclass(frozen=True, slots=True)
class Share:
    """Share of machine texts, and the bounds of its 95 % interval.

    share, high: None where human texts alone are the reference. misfit: largest distance between
    the distribution of the texts and that of the fitted mixture (Kolmogorov's); usual_misfit: what
    95 % of the reference's own sources stay within. in_bin: by cell and bin, the share of machine
    texts there.
    """

    share: float | None
    low: float
    high: float | None
    misfit: float | None = None
    usual_misfit: float | None = None
    in_bin: Float64 | None = None

    @property
    def fits(self) -> bool | None:
        """Whether the texts look like some mixture of the reference's; None: it cannot be told."""
        if self.misfit is None or self.usual_misfit is None:
            return None
        return self.misfit <= self.usual_misfit


def mixture_share(
    counts: Float64, cells: Sequence[Cell], *, n_sources: int | None = None, seed: int = 0
) -> Share:
    """The share of machine texts among those counted.

    counts: texts by cell and bin of its `shape_edges`, [c, b], at least one; cells: with machine
    texts, [c]. n_sources: of how many sources the texts are (hosts of a crawl); None: of as many as
    the reference. Each draw of the bootstrap takes so many sources of either kind, and as many
    texts as were counted: few sources are far from the reference's mean by chance alone.
    """
    total = counts.sum()
    human, ai = _shapes(cells, "human_shapes"), _shapes(cells, "ai_shapes")
    means = human.mean(axis=0), ai.mean(axis=0)
    share = _proportion(counts[None], *(mean[None] for mean in means))[0]
    rng = np.random.default_rng(seed)
    again = rng.multinomial(int(total), counts.ravel() / total, size=_DRAWS)
    drawn = _proportion(
        again.reshape(_DRAWS, *counts.shape),
        _resampled(human, n_sources, rng),
        _resampled(ai, n_sources, rng),
    )
    low, high = np.quantile(drawn, [0.025, 0.975])
    weights = counts.sum(axis=1, keepdims=True) / total
    mixed = share * means[1] + (1 - share) * means[0]
    return Share(
        share=float(share),
        low=float(min(low, share)),
        high=float(max(high, share)),
        misfit=_distance(counts / total, mixed * weights),
        usual_misfit=_usual_misfit(human, ai, weights, n_texts=total),
        in_bin=share * means[1] / mixed,
    )


def lower_bound(n_above: Float64, n_texts: Float64, cells: Sequence[Cell]) -> Share:
    """The least share of machine texts that explains how many tails are small.

    n_above: texts with a tail of at most each of BOUND_TAILS, by cell, [c, 5]; n_texts: all, [c].
    (F(t) - t) / (1 - t) is at most the share in the mean, at any tail t that a share F(t) of the
    texts have; it is taken with 95 % confidence in the counts and in the reference.
    """
    total = float(n_texts.sum())
    found = _least(n_above.sum(axis=0) / total, total)
    most = np.array([[_most_human(cell, tail) for tail in BOUND_TAILS] for cell in cells])
    expected = (most * n_texts[:, None]).sum(axis=0) / total
    bounds = (found - expected) / np.maximum(1 - expected, 1e-9)
    return Share(share=None, low=float(np.clip(bounds.max(), 0.0, 1.0)), high=None)


def bound_edges(cell: Cell) -> Float64:
    """Scores above which a tail is at most each of BOUND_TAILS, ascending; inf where none is."""
    return np.array([_threshold(cell, tail) for tail in reversed(BOUND_TAILS)])


def _threshold(cell: Cell, tail: float) -> float:
    try:
        return cell.threshold(tail)
    except ValueError:
        return math.inf


def _least(shares: Float64, n: float) -> Float64:
    """Lower bounds of shares among n (Wilson 1927)."""
    z2 = _NORMAL_ONE_SIDED**2
    spread = _NORMAL_ONE_SIDED * np.sqrt(shares * (1 - shares) / n + z2 / (4 * n**2))
    least: Float64 = (shares + z2 / (2 * n) - spread) / (1 + z2 / n)
    return least


def _most_human(cell: Cell, tail: float) -> float:
    """Upper bound of the share of human texts at or below a tail."""
    rank = math.floor(tail * (cell.n_human + 1) + 1e-9)
    if cell.unit == "sources" or rank < 1:
        return tail
    return beta_quantile(0.99, rank, cell.n_human)


def _shapes(cells: Sequence[Cell], kind: str) -> Float64:
    """Distribution over bins by source and cell, [s, c, b].

    A source without texts of a cell's length is taken to be like the mean of those with.
    """
    by_cell = [
        {name: _normal(counts) for name, counts in getattr(cell, kind).items()} for cell in cells
    ]
    names = sorted({name for known in by_cell for name in known})
    means = [np.mean(list(known.values()), axis=0) for known in by_cell]
    return np.array(
        [
            [known.get(name, mean) for known, mean in zip(by_cell, means, strict=True)]
            for name in names
        ]
    )


def _normal(counts: Sequence[int]) -> Float64:
    smooth = np.asarray(counts, np.float64) + _SMOOTHING
    normal: Float64 = smooth / smooth.sum()
    return normal


def _resampled(shapes: Float64, n_sources: int | None, rng: np.random.Generator) -> Float64:
    """Means of sources drawn with replacement, [draws, c, b]."""
    n = min(n_sources or len(shapes), len(shapes))
    means: Float64 = shapes[rng.integers(0, len(shapes), (_DRAWS, n))].mean(axis=1)
    return means


def _proportion(counts: NDArray[Any], human: Float64, ai: Float64) -> Float64:
    """Maximum-likelihood proportion of `ai`, [draws]; every argument is [draws, c, b].

    The likelihood is concave in it: where its slope vanishes, by bisection, or exactly 0 or 1.
    """
    rise = ai - human

    def slope(share: Float64) -> Float64:
        at: Float64 = (counts * rise / (human + share[:, None, None] * rise)).sum(axis=(1, 2))
        return at

    low, high = np.zeros(len(human)), np.ones(len(human))
    falls, rises = slope(low) <= 0, slope(high) >= 0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_below = slope(middle) > 0
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    return np.where(falls, 0.0, np.where(rises, 1.0, (low + high) / 2))


def _distance(one: Float64, other: Float64) -> float:
    """Largest difference between two distributions over bins, summed over cells."""
    return float(np.abs(np.cumsum((one - other).sum(axis=0))).max())


def _usual_misfit(human: Float64, ai: Float64, weights: Float64, *, n_texts: float) -> float:
    """95 % point of the distance of a source to its own fitted mixture, and what chance adds."""
    sources = np.concatenate([human, ai]) * weights
    h, a = human.mean(axis=0), ai.mean(axis=0)
    shares = _proportion(sources, *(np.broadcast_to(one, sources.shape) for one in (h, a)))
    distances = [
        _distance(source, (share * a + (1 - share) * h) * weights)
        for source, share in zip(sources, shares, strict=True)
    ]
    return float(np.quantile(distances, 0.95)) + _NORMAL_95 / (2 * math.sqrt(n_texts))
