"""The share of machine texts is right in the mean, and its interval holds it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detectors.calibrate import CellRule, Scored, cells
from detectors.cell import Cell
from detectors.human_tails import text_tails
from detectors.mixture import (
    BOUND_TAILS,
    Share,
    bound_edges,
    lower_bound,
    mixture_share,
)

N_SOURCES = 12
DRIFT = 0.4  # deviation of a source's mean


def reference(*, drift: float = DRIFT, seed: int = 0) -> Cell:
    """Human scores about 0 and machine scores about 2, of sources that differ."""
    rng = np.random.default_rng(seed)
    scored = [
        Scored(float(value), 150, "en", f"{is_ai}{k}", is_ai)
        for is_ai in (False, True)
        for k in range(N_SOURCES)
        for value in rng.normal(2.0 * is_ai + drift * rng.normal(), 1.0, size=300)
    ]
    (cell,) = cells(scored, rule=CellRule())
    return cell


CELL = reference()


def texts(
    share: float, *, n: int, drift: float, rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Scores of n texts of one source of either kind, a share of them of machines."""
    n_ai = round(share * n)
    human = rng.normal(drift * rng.normal(), 1.0, size=n - n_ai)
    return np.concatenate([human, rng.normal(2.0 + drift * rng.normal(), 1.0, size=n_ai)])


def estimated(values: np.ndarray, *, n_sources: int | None = 1, cell: Cell = CELL) -> Share:
    bins = np.searchsorted(cell.shape_edges(), values)
    counts = np.bincount(bins, minlength=len(cell.shape_edges()) + 1)[None].astype(float)
    return mixture_share(counts, [cell], n_sources=n_sources)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2, 0.5, 1.0])
def test_the_share_is_right_in_the_mean_and_its_interval_holds_it(share: float) -> None:
    rng = np.random.default_rng(7)
    found = [estimated(texts(share, n=400, drift=DRIFT, rng=rng)) for _ in range(20)]

    assert np.mean([one.share for one in found]) == pytest.approx(share, abs=0.06)
    assert sum(one.low <= share <= (one.high or 0) for one in found) >= 17


def test_many_sources_are_surer_than_one() -> None:
    values = texts(0.2, n=400, drift=0.0, rng=np.random.default_rng(1))

    one, many = estimated(values), estimated(values, n_sources=None)

    assert one.share == many.share
    assert one.low < many.low < many.high < one.high  # type: ignore[operator]


def test_the_estimate_is_the_one_of_maximum_likelihood() -> None:
    values = texts(0.3, n=400, drift=DRIFT, rng=np.random.default_rng(3))
    bins = np.searchsorted(CELL.shape_edges(), values)
    human, ai = (
        np.mean([(np.array(s) + 0.2) / (np.array(s) + 0.2).sum() for s in shapes.values()], axis=0)
        for shapes in (CELL.human_shapes, CELL.ai_shapes)
    )

    grid = np.linspace(0, 1, 2001)
    likelihood = [np.log(p * ai[bins] + (1 - p) * human[bins]).sum() for p in grid]

    assert estimated(values).share == pytest.approx(grid[int(np.argmax(likelihood))], abs=1e-3)


def test_two_lengths_share_one_proportion() -> None:
    bins = np.searchsorted(
        CELL.shape_edges(), texts(0.3, n=400, drift=0.0, rng=np.random.default_rng(4))
    )
    counts = np.bincount(bins, minlength=22).astype(float)

    split = mixture_share(np.array([counts, counts]), [CELL, CELL], n_sources=1)

    whole = mixture_share(2 * counts[None], [CELL], n_sources=1)
    assert split.share == pytest.approx(whole.share, abs=1e-9)
    assert split.in_bin is not None
    assert (np.diff(split.in_bin[0]) > -0.05).all()


def test_the_seed_decides_the_interval() -> None:
    values = texts(0.3, n=100, drift=0.0, rng=np.random.default_rng(5))

    assert (estimated(values).low, estimated(values).high) == (
        estimated(values).low,
        estimated(values).high,
    )


def test_texts_like_the_references_fit_and_others_do_not() -> None:
    rng = np.random.default_rng(6)
    usual = texts(0.3, n=400, drift=DRIFT, rng=rng)
    odd = np.concatenate([rng.normal(-6, 0.1, size=200), rng.normal(9, 0.1, size=200)])

    assert estimated(usual).fits
    assert not estimated(odd).fits
    assert Share(None, 0.1, None).fits is None


def human_only(n: int, rng: np.random.Generator) -> Cell:
    scores, tails = text_tails(rng.normal(size=n).tolist())
    return replace(
        CELL, unit="texts", n_human=n, n_ai=0, scores=scores, tails=tails,
        human_shapes={}, ai_shapes={},
    )  # fmt: skip


def bound(values: np.ndarray, cell: Cell) -> Share:
    bins = np.searchsorted(bound_edges(cell), values)
    counts = np.bincount(bins, minlength=len(BOUND_TAILS) + 1)
    above = np.cumsum(counts[:0:-1]).astype(float)
    return lower_bound(above[None], np.array([float(len(values))]), [cell])


@pytest.mark.parametrize(("share", "least"), [(0.0, 0.0), (0.1, 0.0), (0.5, 0.2)])
def test_a_bound_from_below_is_seldom_above_the_share(share: float, least: float) -> None:
    rng = np.random.default_rng(8)

    bounds = [
        bound(texts(share, n=500, drift=0.0, rng=rng), human_only(200, rng)).low for _ in range(60)
    ]

    assert np.mean([low > share for low in bounds]) <= 0.05
    assert np.mean(bounds) >= least


def test_a_bound_counts_the_tails() -> None:
    cell = human_only(200, np.random.default_rng(9))
    values = np.linspace(-3, 3, 401)

    edges = bound_edges(cell)

    for edge, tail in zip(edges, reversed(BOUND_TAILS), strict=True):
        assert ((values > edge) == (cell.human_tail(values) <= tail)).all()


def test_a_tail_that_the_reference_cannot_tell_bounds_nothing() -> None:
    cell = human_only(9, np.random.default_rng(10))

    assert bound_edges(cell)[-1] == np.inf
    assert bound(np.full(100, 9.0), cell).low > 0.3
