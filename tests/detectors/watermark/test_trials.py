"""Windows cover the text, their number is paid for, and the correction holds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.watermark.tails import log_binomial_tail
from detectors.watermark.trials import (
    Passage,
    Reading,
    Trials,
    best_passage,
    read,
    window_bounds,
)


def tail(totals: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return log_binomial_tail(totals, counts, 0.5)


def trials(values: np.ndarray) -> Trials:
    return Trials(values.astype(float), 10 + 2 * np.arange(len(values)))


@given(st.integers(0, 20_000), st.integers(2, 200))
def test_windows_lie_in_the_text_and_cover_it_and_are_few(n: int, shortest: int) -> None:
    begin, end = window_bounds(n, shortest=shortest)

    assert ((begin >= 0) & (end <= n) & (end - begin >= shortest)).all()
    assert len(begin) <= max(0, 8 * n / shortest)
    for size in np.unique(end - begin):
        of_size = np.sort(begin[end - begin == size])
        assert of_size[0] == 0
        assert of_size[-1] + size == n
        assert (np.diff(of_size) <= max(1, size // 2)).all()


def test_a_text_shorter_than_two_windows_has_none() -> None:
    assert best_passage(trials(np.ones(59)), tail, shortest=30) is None
    assert best_passage(trials(np.ones(60)), tail, shortest=30) is not None


def test_a_passage_is_found_where_it_is_and_pays_for_every_window() -> None:
    values = np.tile([0.0, 1.0], 500)
    values[600:700] = 1.0

    found = best_passage(trials(values), tail, shortest=30)

    assert found is not None
    assert 10 + 2 * 580 <= found.begin < found.end <= 10 + 2 * 720
    begin, _ = window_bounds(1000, shortest=30)
    n = (found.end - found.begin + 1) // 2
    green = values[(found.begin - 10) // 2 :][:n].sum()
    plain = float(tail(np.array([green]), np.array([float(n)]))[0])
    assert found.log_p == pytest.approx(plain + math.log(len(begin)))


def test_either_of_text_and_passage_pays_for_the_other() -> None:
    both = Reading(100, -5.0, Passage(0, 50, -7.0))
    certain = Reading(100, -0.1, Passage(0, 50, 0.0))

    assert both.log_p_any == pytest.approx(-7.0 + math.log(2))
    assert certain.log_p_any == 0.0
    assert Reading(3, None, reason="too_short").log_p_any is None


def test_no_windows_leave_the_p_value_of_the_text_as_it_is() -> None:
    reading = read(trials(np.ones(40)), tail, shortest=30)

    assert reading.passage is None
    assert reading.log_p_any == reading.log_p == pytest.approx(40 * math.log(0.5))


def test_text_and_passages_share_the_error() -> None:
    """Over fair coins, at most a share a of texts has p <= a: text, passage, and the two joined."""
    rng = np.random.default_rng(1)
    readings = [read(trials(rng.integers(0, 2, 300)), tail, shortest=30) for _ in range(2000)]

    for a in (0.05, 0.01):
        allowed = a + 3 * math.sqrt(a * (1 - a) / 2000)
        assert np.mean([r.log_p <= math.log(a) for r in readings]) <= allowed
        assert np.mean([r.passage.log_p <= math.log(a) for r in readings]) <= allowed
        assert np.mean([r.log_p_any <= math.log(a) for r in readings]) <= allowed
