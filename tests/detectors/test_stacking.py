"""Stacking finds the weights that the theory gives, and none below zero."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from detectors.stacking import prior_precision, stack, text_weights

#: A calibrated ratio that is normal has half its variance as the mean of each label.
COVARIANCE = np.array([[4.0, 2.5], [2.5, 4.0]])


def drawn(
    covariance: NDArray[np.float64], *, n: int = 20_000, n_groups: int = 50
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.str_]]:
    """Calibrated normal ratios of n texts, half of them machine, each group of both labels."""
    rng = np.random.default_rng(0)
    is_ai = np.arange(n) % 2 == 0
    noise = rng.multivariate_normal(np.zeros(len(covariance)), covariance, size=n)
    groups = np.array([f"g{i // 2 % n_groups}" for i in range(n)])
    return noise + np.where(is_ai[:, None], 0.5, -0.5) * np.diag(covariance), is_ai, groups


def test_weights_of_normal_ratios_are_those_of_the_discriminant() -> None:
    stacked = stack(*drawn(COVARIANCE, n_groups=10_000))

    expected = np.linalg.solve(COVARIANCE, np.diag(COVARIANCE))
    np.testing.assert_allclose(stacked.beta, [0.0, *expected], atol=0.05)


def test_the_covariance_is_that_of_repeated_draws() -> None:
    """Also with one label a group: that there are as many of each label was chosen."""
    llrs, is_ai, _ = drawn(COVARIANCE, n=200 * 500)
    runs = [slice(i, i + 500) for i in range(0, len(llrs), 500)]
    groups = np.array([f"g{i % 50}" for i in range(500)])

    stacked = [stack(llrs[run], is_ai[run], groups) for run in runs]

    betas = np.array([one.beta for one in stacked])
    stated = np.mean([one.covariance for one in stacked], axis=0)
    np.testing.assert_allclose(np.sqrt(np.diag(stated)), betas.std(axis=0), rtol=0.25)


def test_texts_of_one_source_count_as_fewer() -> None:
    llrs, is_ai, _ = drawn(COVARIANCE, n=1000)
    copies = 9
    repeated = (np.repeat(llrs, copies, axis=0), np.repeat(is_ai, copies))

    as_one = stack(*repeated, np.repeat([f"t{i}" for i in range(1000)], copies))
    as_many = stack(*repeated, np.array([f"t{i}" for i in range(1000 * copies)]))

    assert as_one.covariance[1, 1] > 5 * as_many.covariance[1, 1]


def test_a_detector_that_misleads_beside_another_gets_no_weight() -> None:
    llrs, is_ai, groups = drawn(COVARIANCE, n_groups=10_000)
    misleading = np.c_[llrs[:, 0], 0.2 * llrs[:, 0] - llrs[:, 1]]

    stacked = stack(misleading, is_ai, groups)

    assert stacked.beta[2] == 0.0
    assert not stacked.covariance[2].any()
    assert stacked.beta[1] > 0.5


@pytest.mark.parametrize("seed", range(5))
def test_weights_are_the_constrained_optimum(seed: int) -> None:
    """Against a general optimiser, on ratios of which some mislead."""
    rng = np.random.default_rng(seed)
    is_ai = rng.random(300) < 0.4
    llrs = rng.normal(size=(300, 4)) @ rng.normal(size=(4, 4)) + is_ai[:, None] * rng.normal(size=4)
    groups = np.array([f"g{i}" for i in rng.integers(0, 12, 300)])
    weights, prior = text_weights(is_ai, groups), np.r_[0.0, np.full(4, 0.25)]
    design, penalty = np.c_[np.ones(300), llrs], prior_precision(4, texts_per_group=300 / 12)

    def loss(beta: NDArray[np.float64]) -> float:
        logits = design @ beta
        likelihood = weights @ (is_ai * logits - np.logaddexp(0.0, logits))
        return float((beta - prior) @ penalty @ (beta - prior) / 2 - likelihood)

    found = minimize(loss, prior, bounds=[(None, None), *[(0, None)] * 4], tol=1e-12)

    np.testing.assert_allclose(stack(llrs, is_ai, groups).beta, found.x, atol=1e-3)


def test_each_label_counts_half_and_a_group_by_the_root_of_its_size() -> None:
    is_ai = np.array([False] * 20 + [True] * 5)
    groups = np.array(["large"] * 16 + ["small"] * 4 + ["other"] * 5)

    weights = text_weights(is_ai, groups)

    assert weights[is_ai].sum() == pytest.approx(weights[~is_ai].sum())
    assert weights[:16].sum() == pytest.approx(2 * weights[16:20].sum())
    assert weights.sum() == pytest.approx(25)


def test_few_sources_leave_equal_weights_however_many_their_texts() -> None:
    llrs, is_ai, groups = drawn(np.array([[4.0, 0.2], [0.2, 1.0]]), n_groups=2)
    llrs[:, 1] *= 2  # it says too much: half of it is true

    few, many = stack(llrs, is_ai, groups), stack(llrs, is_ai, np.arange(len(llrs)).astype(str))

    assert few.beta[1] == pytest.approx(few.beta[2], rel=0.2)
    assert many.beta[1] > 1.8 * many.beta[2]


def test_equal_weights_of_few_sources_still_say_as_much_as_is_true() -> None:
    llrs, is_ai, groups = drawn(np.array([[4.0, 0.0], [0.0, 4.0]]), n_groups=2)

    np.testing.assert_allclose(stack(llrs, is_ai, groups).beta[1:], 1.0, atol=0.05)


def test_few_texts_leave_the_mean_of_the_ratios() -> None:
    llrs, is_ai, groups = drawn(COVARIANCE, n=4)

    np.testing.assert_allclose(stack(llrs, is_ai, groups).beta, [0.0, 0.5, 0.5], atol=0.2)


def test_one_label_alone_is_refused() -> None:
    with pytest.raises(ValueError, match="both labels"):
        stack(np.zeros((3, 2)), np.ones(3, dtype=bool), np.array(["a", "b", "c"]))
