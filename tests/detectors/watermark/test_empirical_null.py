"""A key's luck with a language is measured on some of its texts, and taken out of the others."""

from __future__ import annotations

import math

import numpy as np
import pytest
import watermarked as twin
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from detectors.watermark.empirical_null import EmpiricalNull, Nulls, fit_null
from detectors.watermark.tails import log_normal_tail
from detectors.watermark.unigram import Unigram

V = 2000


def regression(scores: np.ndarray, roots: np.ndarray, root: float) -> tuple[float, float]:
    """Prediction of a plain least-squares fit at `root`, and its standard error."""
    design = np.stack([np.ones_like(roots), roots], axis=1)
    line, squares, _, _ = np.linalg.lstsq(design, scores, rcond=None)
    at = np.array([1.0, root])
    variance = squares[0] / (len(scores) - 2)
    error = math.sqrt(variance * (1 + at @ np.linalg.inv(design.T @ design) @ at))
    return float(at @ line), error


def luck(n: int, *, deviation: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    counts = rng.integers(30, 900, n).astype(float)
    return 0.4 + 0.03 * np.sqrt(counts) + deviation * rng.standard_normal(n), counts


@pytest.mark.parametrize("deviation", [0.5, 2.0])
def test_a_p_value_is_that_of_the_prediction_interval_of_least_squares(deviation: float) -> None:
    scores, counts = luck(3000, deviation=deviation)
    null = fit_null(scores, counts)
    at, error = regression(scores, np.sqrt(counts), math.sqrt(400.0))
    doubt = 1 + math.copysign(2.576 * math.sqrt(2 / 2998), 1 - deviation)

    for z in (0.5, 2.0, 3.0):
        found = null.log_p(log_normal_tail(np.array([z])), np.array([400.0]))[0]

        t = (z - at) / (error * math.sqrt(doubt))
        exact = max(stats.t.logsf(t, 2998), stats.norm.logsf(z) - math.log(10))
        assert found == pytest.approx(exact, abs=1e-4)


def test_a_variance_that_may_be_one_is_taken_for_one() -> None:
    assert fit_null(*luck(400, deviation=1.05)).variance == 1.0
    assert fit_null(*luck(400, deviation=0.95)).variance == 1.0
    assert 0.25 < fit_null(*luck(400, deviation=0.5)).variance < 0.35
    assert 3.0 < fit_null(*luck(400, deviation=2.0)).variance < 4.0


def test_p_values_of_other_texts_are_uniform() -> None:
    null = fit_null(*luck(5000, deviation=0.8))
    scores, counts = luck(20_000, deviation=0.8, seed=1)

    log_p = null.log_p(log_normal_tail(scores), counts)

    for level in (0.05, 0.01):
        rate = float((log_p <= math.log(level)).mean())
        assert rate == pytest.approx(level, abs=4 * math.sqrt(level / 20_000) + 0.1 * level)


def test_a_small_reference_is_less_sure_than_a_large_one() -> None:
    small, large = (fit_null(*luck(n, deviation=1.0)) for n in (50, 5000))
    log_p, counts = log_normal_tail(np.array([9.0])), np.array([300.0])

    assert small.log_p(log_p, counts) > large.log_p(log_p, counts) + 3.0


def test_lengths_that_the_reference_did_not_have_are_judged_with_care() -> None:
    scores, _ = luck(50, deviation=1.0)
    null = fit_null(scores, np.full(50, 100.0))
    log_p = log_normal_tail(np.array([9.0, 9.0]))

    same, longer = null.log_p(log_p, np.array([100.0, 400.0]))

    assert same < math.log(1e-6)
    assert longer > math.log(0.4)


@settings(deadline=None)
@given(
    st.floats(-1e5, 0.0),
    st.floats(30, 1e6),
    st.builds(
        EmpiricalNull,
        n_texts=st.integers(50, 10_000),
        mean=st.floats(-5, 5),
        slope=st.floats(-1, 1),
        center=st.floats(1, 100),
        spread=st.floats(1e-9, 1e9),
        variance=st.floats(1e-9, 100),
    ),
)
def test_no_reference_makes_a_text_more_than_ten_times_as_unlikely(
    log_p: float, count: float, null: EmpiricalNull
) -> None:
    found = null.log_p(np.array([log_p]), np.array([count]))[0]

    assert log_p - math.log(10.0) - 1e-9 <= found <= 0.0


def test_an_unknown_language_has_the_least_favourable_null() -> None:
    lucky, unlucky = (EmpiricalNull(500, mean, 0.0, 15.0, 1e4, 1.0) for mean in (0.8, -0.8))
    nulls = Nulls({"en": lucky, "ko": unlucky})
    log_p, counts = log_normal_tail(np.array([-1.0, 2.0, 4.0])), np.full(3, 225.0)

    for lang in ("fr", "und", None):
        assert nulls.of(lang)(log_p, counts).tolist() == lucky.log_p(log_p, counts).tolist()
    assert nulls.of("ko")(log_p, counts).tolist() == unlucky.log_p(log_p, counts).tolist()
    assert Nulls({"ko": unlucky}).of("en")(log_p, counts).tolist() == log_p.tolist()


def test_too_few_texts_are_no_reference() -> None:
    with pytest.raises(ValueError, match="49 texts are too few"):
        fit_null(np.zeros(49), np.full(49, 100.0))


def zipf(n: int, seed: int) -> list[np.ndarray]:
    """Texts of a language with common words."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(150, 600, n)
    return [np.minimum(rng.zipf(1.3, length), V - 1).astype(np.int64) for length in lengths]


def test_the_luck_of_a_key_is_taken_out_of_texts_of_the_same_language() -> None:
    detectors = [Unigram(lambda _: [], vocab_size=V, key=key) for key in range(20)]
    reference, texts = zipf(400, 0), zipf(600, 1)
    lucky = max(detectors, key=lambda one: np.nanmean(one.normal_scores(reference)[0]))

    null = fit_null(*lucky.normal_scores(reference))
    over_keys = [reading.log_p for reading in lucky.readings_of_ids(texts)]
    under_key = [r.log_p for r in lucky.readings_of_ids(texts, nulls=[null.log_p] * 600)]

    assert np.mean(np.array(over_keys) < math.log(0.05)) > 0.15
    assert np.mean(np.array(under_key) < math.log(0.05)) < 0.08


def test_passages_are_judged_under_the_key_too_and_watermarks_are_found() -> None:
    detector = Unigram(lambda _: [], vocab_size=V, key=77)
    written = twin.generate(twin.Babbler(V), 300, seed=1, processor=twin.unigram(V, key=77))
    null = fit_null(*detector.normal_scores(zipf(600, 0)))

    (over_keys,) = detector.readings_of_ids([written])
    (under_key,) = detector.readings_of_ids([written], nulls=[null.log_p])

    assert under_key.log_p is not None
    assert under_key.passage is not None
    assert over_keys.passage is not None
    assert under_key.log_p < math.log(1e-6)
    assert under_key.passage.log_p != over_keys.passage.log_p


def test_scores_have_mean_nought_over_keys_and_short_texts_have_none() -> None:
    """Without half a step, a text of 40 trials would have a mean of -0.16."""
    text = np.arange(40)
    scores = np.array(
        [
            Unigram(lambda _: [], vocab_size=V, key=key).normal_scores([text, text[:20]])[0]
            for key in range(1500)
        ]
    )

    assert scores[:, 0].mean() == pytest.approx(0.0, abs=0.08)
    assert scores[:, 0].std() == pytest.approx(1.0, abs=0.1)
    assert np.isnan(scores[:, 1]).all()
