"""The token profile: known answers, and its plain twin."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.kernels import reference_profile
from detectors.kernels.reference import TokenTwin
from detectors.perplexity.profile import FEATURES, NAMES, token_profile
from detectors.protocol import TokenStatistics


def statistics(tokens: list[TokenTwin]) -> TokenStatistics:
    columns = {
        name: np.array([getattr(token, name) for token in tokens], np.float32)
        for name in ("log_likelihood", "entropy", "top1", "variance")
    }
    ranks = np.array([token.rank for token in tokens], np.int64)
    return TokenStatistics(rank=ranks, n_distinct=len(tokens), **columns)


def profile(tokens: list[TokenTwin]) -> dict[str, float]:
    return dict(zip(NAMES, token_profile(statistics(tokens)).tolist(), strict=True))


def drawn(n: int, *, seed: int) -> list[TokenTwin]:
    rng = np.random.default_rng(seed)
    rounded = np.float32(rng.exponential(2.0, (n, 4))).astype(float)
    return [
        TokenTwin(-a - b, 1 + int(rank), c, -b, d)
        for (a, b, c, d), rank in zip(rounded, rng.geometric(0.1, n) - 1, strict=True)
    ]


def as_float32(tokens: list[TokenTwin]) -> list[TokenTwin]:
    def kept(value: float) -> float:
        return float(np.float32(value))

    return [
        TokenTwin(kept(t.log_likelihood), t.rank, kept(t.entropy), kept(t.top1), kept(t.variance))
        for t in tokens
    ]


@pytest.mark.parametrize("n", [1, 2, 3, 31, 32, 33, 64, 200])
def test_it_agrees_with_its_twin(n: int) -> None:
    tokens = as_float32(drawn(n, seed=n))

    assert profile(tokens) == pytest.approx(
        reference_profile.token_profile(tokens), rel=1e-6, abs=1e-6
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([-8.0, -2.5, -0.0625, 0.0]), min_size=1, max_size=80))
def test_it_agrees_with_its_twin_on_few_values(values: list[float]) -> None:
    tokens = [TokenTwin(v, 1 + (v < -1) * 9, -v / 2, v / 4, -v) for v in values]

    assert profile(tokens) == pytest.approx(
        reference_profile.token_profile(tokens), rel=1e-6, abs=1e-6
    )


def test_known_answers_of_four_tokens() -> None:
    made = profile(
        [
            TokenTwin(-1.0, 1, 2.0, -1.0, 1.0),
            TokenTwin(-3.0, 10, 2.0, -1.0, 1.0),
            TokenTwin(-1.0, 1, 4.0, -1.0, 3.0),
            TokenTwin(-7.0, 2000, 4.0, -1.0, 11.0),
        ]
    )

    assert made["ll"] == -3.0
    assert made["ll_deviation"] == pytest.approx(math.sqrt(6.0))
    assert made["ll_at_50"] == -2.0
    assert made["gap"] == -2.0
    assert made["surplus"] == 0.0
    assert made["curvature"] == 0.0
    assert made["binoculars"] == 1.0
    assert made["rank_to_10"] == 0.75
    assert made["rank_to_1000"] == 0.75
    assert made["unlikely"] == 0.25
    assert made["runs"] == 1.0
    assert made["step"] == pytest.approx(10 / 3)
    assert made["halves"] == -2.0
    assert made["lrr"] == pytest.approx(12.0 / (math.log(10) + math.log(2000)))


def test_windows_are_of_32_tokens() -> None:
    tokens = [TokenTwin(-1.0, 1, 1.0, -1.0, 1.0)] * 32 + [TokenTwin(-3.0, 2, 1.0, -1.0, 1.0)] * 40

    made = profile(tokens)

    assert (made["window_least"], made["window_most"], made["window_step"]) == (-3.0, -1.0, 2.0)


def test_where_nothing_varies_moments_and_correlations_are_zero() -> None:
    made = profile([TokenTwin(-0.1, 2, 0.3, -0.05, 0.7)] * 7)

    for name in ("ll_skewness", "ll_kurtosis", "ll_lag", "ll_entropy", "bend_lag"):
        assert made[name] == 0.0


def test_a_text_without_tokens_has_no_profile() -> None:
    assert np.isnan(token_profile(statistics([]))).all()


def test_every_statistic_says_what_it_means_and_the_twin_has_each() -> None:
    twin = reference_profile.token_profile(drawn(5, seed=0))

    assert set(twin) == set(NAMES)
    assert all(meaning for meaning, _ in FEATURES.values())


def test_no_statistic_grows_with_the_length_of_the_text() -> None:
    tokens = as_float32(drawn(320, seed=1))

    once, twice = profile(tokens), profile(tokens * 2)

    for name in set(NAMES) - {"halves"}:
        assert twice[name] == pytest.approx(once[name], rel=0.02, abs=0.02)
