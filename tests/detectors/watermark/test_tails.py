"""Tails are exact, far into them, and agree with sums, fractions and scipy."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from detectors.watermark import reference
from detectors.watermark.tails import (
    log_binomial_tail,
    log_gamma_tail,
    log_normal_tail,
    log_student_tail,
    normal_score,
)


@pytest.mark.parametrize("p", [Fraction(1, 4), Fraction(1, 2), Fraction(9, 10)])
def test_binomial_tails_are_the_exact_sums(p: Fraction) -> None:
    n = 60
    k = np.arange(n + 1)

    exact = [math.log(reference.binomial_tail(int(i), n, p)) for i in k]

    assert log_binomial_tail(k.astype(float), float(n), float(p)) == pytest.approx(
        exact, rel=1e-12, abs=1e-13
    )


def test_gamma_tails_are_the_poisson_sums() -> None:
    x, n = np.meshgrid(np.linspace(0.1, 60.0, 40), np.arange(1, 30))

    exact = [math.log(reference.gamma_tail(a, int(b))) for a, b in zip(x.flat, n.flat, strict=True)]

    assert log_gamma_tail(x.ravel(), n.ravel().astype(float)) == pytest.approx(exact, abs=1e-12)


def test_they_agree_with_scipy_on_long_texts() -> None:
    rng = np.random.default_rng(0)
    n = rng.integers(500, 20_000, 300).astype(float)
    k = np.round(n * rng.uniform(0.2, 0.35, 300))
    x = n * rng.uniform(0.9, 1.2, 300)
    z = np.linspace(-30.0, 100.0, 300)

    assert log_binomial_tail(k, n, 0.25) == pytest.approx(
        stats.binom.logsf(k - 1, n, 0.25), rel=1e-8, abs=1e-9
    )
    assert log_gamma_tail(x, n) == pytest.approx(stats.gamma.logsf(x, n), rel=1e-8, abs=1e-9)
    assert log_normal_tail(z) == pytest.approx(stats.norm.logsf(z), rel=1e-12)


def test_certain_and_impossible_outcomes() -> None:
    assert log_binomial_tail(0.0, 10.0, 0.5) == 0.0
    assert log_binomial_tail(11.0, 10.0, 0.5) == -math.inf
    assert log_binomial_tail(10.0, 10.0, 0.5) == pytest.approx(10 * math.log(0.5))
    assert log_gamma_tail(0.0, 5.0) == 0.0


def test_a_normal_score_is_the_inverse_of_the_normal_tail() -> None:
    z = np.concatenate([np.linspace(-5.0, 40.0, 400), [141.0, 1414.0]])

    assert normal_score(log_normal_tail(z)) == pytest.approx(z, rel=1e-7, abs=1e-7)


def test_the_scores_of_what_is_certain_and_of_what_is_impossible_are_numbers() -> None:
    assert normal_score(0.0) < -37.0
    assert normal_score(-math.inf) == pytest.approx(math.sqrt(2.0) * 1e6, rel=1e-3)


@pytest.mark.parametrize("degrees", [48, 200, 5000])
def test_student_tails_are_close_and_err_on_the_larger_side(degrees: int) -> None:
    t = np.linspace(-6.0, 6.0, 49)
    far = np.linspace(6.0, 40.0, 30)

    exact = stats.t.logsf(t, degrees)

    assert log_student_tail(t, float(degrees)) == pytest.approx(exact, abs=0.01)
    assert (log_student_tail(far, float(degrees)) >= stats.t.logsf(far, degrees) - 1e-9).all()
