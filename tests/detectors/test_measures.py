"""Measures of scores: known answers, scipy as the independent implementation, plain twins."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from detectors import measures

scores = st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 7.25]), min_size=1, max_size=30)


def sample(n_human: int = 150, n_ai: int = 120, decimals: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    human, ai = rng.normal(size=n_human), rng.normal(1.2, 1.5, size=n_ai)
    return human.round(decimals), ai.round(decimals)


@given(scores, scores)
def test_auroc_is_scipys_mann_whitney_statistic(human: list[float], ai: list[float]) -> None:
    expected = stats.mannwhitneyu(ai, human).statistic / (len(human) * len(ai))

    assert measures.auroc(np.array(human), np.array(ai)) == pytest.approx(expected, abs=1e-12)


@given(scores, st.sampled_from([0.01, 0.05, 0.1, 0.5]))
def test_the_threshold_is_the_lowest_score_that_no_larger_share_exceeds(
    human: list[float], rate: float
) -> None:
    values = np.array(human)

    threshold = measures.oracle_threshold(values, rate)

    assert (values > threshold).mean() <= rate
    assert all((values > lower).mean() > rate for lower in values[values < threshold])


def test_of_a_hundred_human_texts_five_lie_above_the_threshold_for_five_percent() -> None:
    human = np.arange(100.0)

    assert (human > measures.oracle_threshold(human, 0.05)).sum() == 5
    assert (human > measures.oracle_threshold(human, 0.009)).sum() == 0


def test_tpr_counts_the_ai_texts_above_the_threshold() -> None:
    human, ai = np.arange(100.0), np.array([94.0, 94.5, 200.0, -1.0])

    assert measures.oracle_tpr(human, ai, 0.05) == 0.5


def test_the_roc_curve_is_the_rates_at_each_threshold() -> None:
    human, ai = np.array([0.0, 1.0, 2.0, 3.0]), np.array([2.5, 0.5, 9.0])

    false, true = measures.roc(human, ai)

    assert false.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert true == pytest.approx([1 / 3, 2 / 3, 2 / 3, 1, 1])


def test_the_area_below_the_roc_curve_is_the_auroc() -> None:
    human, ai = (
        np.random.default_rng(0).normal(size=300),
        np.random.default_rng(1).normal(1, size=99),
    )

    false, true = measures.roc(human, ai, n_points=3_000)

    steps = float(np.sum(np.diff(np.r_[0.0, false]) * true))  # ties: none
    assert steps == pytest.approx(measures.auroc(human, ai), abs=2 / 300)


def test_cllr_of_ratios_that_say_nothing_is_one_bit() -> None:
    assert measures.cllr(np.zeros(3), np.zeros(8)) == pytest.approx(1.0)


def test_cllr_is_the_mean_penalty_of_both_classes() -> None:
    human, ai = sample()
    plain = sum(math.log2(1 + math.exp(x)) for x in human.tolist()) / len(human)
    plain += sum(math.log2(1 + math.exp(-x)) for x in ai.tolist()) / len(ai)

    assert measures.cllr(human, ai) == pytest.approx(plain / 2, rel=1e-12)


def test_cllr_and_calibration_error_hold_for_ratios_beyond_every_exponent() -> None:
    human, ai = np.array([-1e6]), np.array([1e6])

    assert measures.cllr(human, ai) == 0.0
    assert measures.calibration_error(human, ai) == 0.0
    assert measures.calibration_error(ai, human) == 1.0


def test_calibration_error_is_the_weighted_gap_of_each_bin() -> None:
    human, ai = sample()
    bins: dict[int, list[tuple[float, float, int]]] = {}
    for values, is_ai in ((human, 0), (ai, 1)):
        for value in values.tolist():
            posterior = 1 / (1 + math.exp(-value))
            row = (0.5 / len(values), posterior, is_ai)
            bins.setdefault(min(int(posterior * 15), 14), []).append(row)
    plain = sum(abs(sum(w * (p - y) for w, p, y in rows)) for rows in bins.values())

    assert measures.calibration_error(human, ai) == pytest.approx(plain, rel=1e-12)


@given(scores, scores)
def test_runs_keep_every_comparison_of_a_human_with_an_ai_text(
    human: list[float], ai: list[float]
) -> None:
    of_human, of_ai = measures.runs(np.array(human), np.array(ai))

    below = np.cumsum(of_human) - of_human / 2
    auroc = (below @ of_ai) / (len(human) * len(ai))
    assert auroc == pytest.approx(measures.auroc(np.array(human), np.array(ai)), abs=1e-12)
    assert len(of_human) <= 2 * min(len(human), len(ai)) + 1


@pytest.mark.parametrize(
    ("n_human", "n_ai", "decimals"), [(150, 120, 2), (900, 25, 2), (150, 120, 0)]
)
def test_the_interval_of_auroc_is_scipys_bootstrap_interval(
    n_human: int, n_ai: int, decimals: int
) -> None:
    human, ai = sample(n_human, n_ai, decimals)

    ours = measures.auroc_interval(human, ai, n_resamples=4_000, rng=np.random.default_rng(1))

    theirs = stats.bootstrap(
        (human, ai), measures.auroc, vectorized=False, n_resamples=4_000, method="percentile",
        rng=np.random.default_rng(2),
    ).confidence_interval  # fmt: skip
    assert ours == pytest.approx(tuple(theirs), abs=0.008)


@pytest.mark.parametrize("rate", [0.01, 0.05])
def test_the_interval_of_tpr_is_that_of_texts_drawn_again_one_by_one(rate: float) -> None:
    human, ai = sample()

    ours = measures.tpr_interval(human, ai, rate, n_resamples=20_000, rng=np.random.default_rng(1))

    rng = np.random.default_rng(2)
    drawn = [
        measures.oracle_tpr(rng.choice(human, len(human)), rng.choice(ai, len(ai)), rate)
        for _ in range(4_000)
    ]
    assert ours == pytest.approx(tuple(np.quantile(drawn, (0.025, 0.975))), abs=0.02)


def test_intervals_are_the_same_for_the_same_seed() -> None:
    human, ai = sample()

    def interval() -> tuple[float, float]:
        return measures.auroc_interval(human, ai, n_resamples=50, rng=np.random.default_rng(3))

    assert interval() == interval()


def test_an_interval_holds_one_text_of_each_class() -> None:
    one, other = np.array([0.0]), np.array([1.0])

    rng = np.random.default_rng(0)
    assert measures.auroc_interval(one, other, n_resamples=20, rng=rng) == (1.0, 1.0)
    assert measures.tpr_interval(one, other, 0.01, n_resamples=20, rng=rng) == (1.0, 1.0)
