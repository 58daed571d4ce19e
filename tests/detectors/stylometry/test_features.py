"""Known answers for the named features of style."""

from __future__ import annotations

import math

import pytest

from detectors.normalize import scored_form
from detectors.stylometry.features import FEATURES, NAMES, measure

TEXT = 'I saw it. You saw (and read) it, and left! Why? Over 1,000 well-known "people"; so: ok'
# words: i saw it | you saw and read it and left | why | over 0 0 well known people so ok


def value(name: str, text: str = TEXT) -> float:
    return measure(scored_form(text))[name]


def test_there_are_nineteen_words_for_the_rates_below() -> None:
    assert value("questions") == pytest.approx(1 / 19)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("first_person", 1 / 19),
        ("second_person", 1 / 19),
        ("commas", 2 / 19),
        ("exclamations", 1 / 19),
        ("colons", 1 / 19),
        ("semicolons", 1 / 19),
        ("brackets", 1 / 19),
        ("dashes", 1 / 19),
        ("quotes", 2 / 19),
        ("numbers", 2 / 19),
        ("serial_and", 1 / 19),
        ("sentence_length", math.log1p(19 / 4)),
        ("sentence_openings", 4 / 2),
    ],
)
def test_a_feature_has_its_known_value(name: str, expected: float) -> None:
    assert value(name) == pytest.approx(expected)


def test_sentences_of_one_length_do_not_vary() -> None:
    assert value("sentence_length_variation", "one two. three four. five six.") == 0.0


def test_lengths_three_and_one_vary_by_one_half() -> None:
    assert value("sentence_length_variation", "one two three. four.") == pytest.approx(0.5)


def test_distinct_words_of_a_window() -> None:
    assert value("distinct_words", "a b c d e " * 10) == pytest.approx(5 / 50)


def test_a_word_said_within_the_last_ten_is_reused() -> None:
    assert value("immediate_reuse", "a b a c") == pytest.approx(1 / 4)


def test_a_word_is_reused_ten_words_later_and_not_eleven() -> None:
    assert value("immediate_reuse", "a b c d e f g h i j a") == pytest.approx(1 / 11)
    assert value("immediate_reuse", "a b c d e f g h i j k a") == 0.0


def test_word_lengths_are_in_characters_not_bytes() -> None:
    assert value("word_length", "наш été") == 3.0


def test_every_feature_is_zero_without_a_word() -> None:
    assert measure("?! ...") == dict.fromkeys(NAMES, 0.0)


def test_every_feature_says_what_it_means() -> None:
    assert all(meaning for meaning, _ in FEATURES.values())


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"sentence_openings"}))
def test_a_text_and_its_double_measure_alike(name: str) -> None:
    text = "The cat sat, and the dog ran off! Was it so? It was; and I, for one, know why. " * 50

    assert value(name, text * 2) == pytest.approx(value(name, text), rel=0.02, abs=1e-3)
