"""Known answers for the variety and repetition of words."""

from __future__ import annotations

import math

import pytest

from detectors.stylometry.variety import doubled, hapaxes, mtld, repeated, yule

#: The example of McCarthy & Jarvis (2010): the factor is full at the sixth word, at 4 / 6.
FACTOR = ["of", "the", "people", "by", "the", "people"]


def test_a_full_factor_is_as_long_as_its_words() -> None:
    assert mtld(FACTOR * 1) == pytest.approx((6 + 6) / 2)


def test_the_rest_counts_as_part_of_a_factor() -> None:
    rest = [
        "a",
        "b",
        "c",
        "d",
        "e",
        "f",
        "g",
        "h",
        "i",
        "a",
    ]  # 9 types in 10 words: (1 - 0.9) / 0.28 of a factor

    assert mtld(rest) == pytest.approx(10 / (0.1 / 0.28))


def test_text_without_a_repetition_has_no_finite_mtld() -> None:
    assert mtld(["a", "b", "c", "d"]) == math.inf
    assert mtld([]) == 0.0


def test_hapaxes_are_counted_in_windows_of_a_hundred_words() -> None:
    words = ["w" + str(i) for i in range(100)]

    assert hapaxes(words) == 1.0
    assert hapaxes(words * 2) == 1.0  # each window has every word once
    assert hapaxes(["a", "b", "b", "c"]) == 0.5
    assert hapaxes([]) == 0.0


def test_yules_k_of_a_worked_example() -> None:
    assert yule(["a", "a", "b", "b", "c", "d"]) == pytest.approx(1e4 * (4 + 4 + 1 + 1 - 6) / 36)
    assert yule(["a", "b", "c"]) == 0.0


def test_a_phrase_is_repeated_within_a_hundred_words_and_not_beyond() -> None:
    between = [f"w{i}" for i in range(98)]

    near = ["a", "b", *between, "a", "b"]
    far = ["a", "b", *between, "x", "a", "b"]

    assert repeated(near, size=2) == pytest.approx(1 / 101)
    assert repeated(far, size=2) == 0.0


def test_phrases_longer_than_the_text_do_not_repeat() -> None:
    assert repeated(["a", "b"], size=3) == 0.0


def test_a_doubled_word_is_one_that_repeats_the_word_before() -> None:
    assert doubled(["so", "so", "it", "is"]) == 0.25
