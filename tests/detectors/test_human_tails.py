"""The tail of a new source: its plain twin, its promise, and the steps that a cell keeps of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import t

from detectors.human_tails import NEW_SOURCES, new_source_rate, source_tails
from detectors.kernels import reference

COUNTS = st.lists(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
                  min_size=3, max_size=12)  # fmt: skip


def drawn(
    n_sources: int, n_texts: int, *, spread: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Texts above one score of every source, and the true rates, whose logits spread so much."""
    rng = np.random.default_rng(seed)
    rates = 1 / (1 + np.exp(-rng.normal(-3.5, spread, n_sources)))
    return rng.binomial(n_texts, rates), rates


@example([(0, 1), (0, 7), (0, 19)])
@given(COUNTS)
def test_the_rate_is_that_of_the_plain_formula(counts: list[tuple[int, int]]) -> None:
    n_above, n_texts = (np.array(column) for column in zip(*counts, strict=True))

    fast = new_source_rate(n_above[:, None], n_texts)

    quantile = float(t.ppf(NEW_SOURCES, len(counts) - 2))
    assert fast[0] == pytest.approx(reference.new_source_rate(counts, quantile), rel=1e-3)


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.0])
def test_nine_of_ten_new_sources_stay_below(spread: float) -> None:
    below = []
    for seed in range(400):
        n_above, rates = drawn(21, 300, spread=spread, seed=seed)
        stated = new_source_rate(n_above[1:, None], np.full(20, 300))[0]
        below.append(rates[0] <= stated)

    assert np.mean(below) > NEW_SOURCES - 0.04
    assert spread == 0 or np.mean(below) < NEW_SOURCES + 0.06


def test_sources_that_differ_raise_the_rate() -> None:
    alike, apart = np.array([[5]] * 10), np.array([[0], [10]] * 5)
    n_texts = np.full(10, 100)

    assert new_source_rate(apart, n_texts)[0] > 1.5 * new_source_rate(alike, n_texts)[0]


@pytest.mark.parametrize("n_texts", [30, 100, 1000])
def test_of_few_texts_no_small_rate_is_stated(n_texts: int) -> None:
    none_above = new_source_rate(np.zeros((9, 1), np.int64), np.full(9, n_texts))[0]

    assert 0.5 / n_texts < none_above < 1.5 / n_texts


@given(
    st.lists(st.lists(st.floats(-50, 50), min_size=1, max_size=200), min_size=3, max_size=6),
    st.floats(-60, 60),
)
def test_a_step_is_never_below_the_rate_and_hardly_above(
    sources: list[list[float]], at: float
) -> None:
    scores, tails = source_tails(sources)

    found = tails[np.searchsorted(-scores, -at, side="right")]

    n_texts = np.array([len(values) for values in sources])
    higher = [score for values in sources for score in values if score >= at]
    at_each = [np.inf, at, *higher]
    n_above = np.array([[sum(x >= v for x in values) for v in at_each] for values in sources])
    exact = float(new_source_rate(n_above, n_texts).max())
    assert exact - 1e-12 <= found <= 1
    assert found <= exact + (1 / 2000 if exact < 0.1 else 1 / 200) or found == 1


@given(
    st.lists(st.lists(st.floats(-50, 50), min_size=1, max_size=200), min_size=1, max_size=2),
    st.floats(-60, 60),
)
def test_of_two_sources_the_tail_is_that_of_the_higher(
    sources: list[list[float]], at: float
) -> None:
    scores, tails = source_tails(sources)

    found = tails[np.searchsorted(-scores, -at, side="right")]

    exact = max((1 + sum(v >= at for v in values)) / (len(values) + 1) for values in sources)
    assert exact - 1e-12 <= found <= exact + (1 / 2000 if exact < 0.1 else 1 / 200)
