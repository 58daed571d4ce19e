"""Known answers for the tails of the vocabulary."""

from __future__ import annotations

import math

import pytest

from detectors.stylometry.frequencies import frequencies, zipf
from detectors.stylometry.tails import TAILS, Vocabulary, excess_words

#: the: Zipf 7, cat: 4.5, gnu: 2.5; nothing else is listed.
WORDS = Vocabulary(
    "en", {b"the": 7.0, b"cat": 4.5, b"gnu": 2.5, b"lynx": 3.5}, frozenset({b"delve"})
)


def value(name: str, text: str) -> float:
    return TAILS[name][1](text.encode().split(), WORDS)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("zipf_mean", "the cat qqq 0", (7.0 + 4.5) / 2),
        ("zipf_deviation", "the cat", 1.25),
        ("zipf_content", "the cat gnu", 3.5),
        ("below_zipf_4", "the gnu lynx qqq", 2 / 4),
        ("below_zipf_3", "the gnu lynx qqq", 1 / 4),
        ("unlisted", "the qqq 0 0", 1 / 4),
        ("excess", "delve the the the", 1 / 4),
        ("zipf_mean", "cat's", 4.5),
        ("zipf_mean", "qqq", 0.0),
    ],
)
def test_a_feature_has_its_known_value(name: str, text: str, expected: float) -> None:
    assert value(name, text) == pytest.approx(expected)


@pytest.mark.parametrize("name", sorted(TAILS))
def test_every_feature_is_zero_without_a_word(name: str) -> None:
    assert value(name, "") == 0.0


def test_zipf_is_the_logarithm_of_uses_in_a_billion_words() -> None:
    assert zipf(1e-6) == pytest.approx(3.0)
    assert zipf(0.0) == 0.0


def test_the_english_list_is_frozen_before_chat_models() -> None:
    assert "chatgpt" not in frequencies("en")
    assert zipf(frequencies("en")["the"]) == pytest.approx(7.73, abs=0.02)


@pytest.mark.parametrize("language", ["de", "fr", "ru"])
def test_other_languages_have_lists(language: str) -> None:
    assert len(Vocabulary.of(language).zipf) > 10_000
    assert not Vocabulary.of(language).excess


@pytest.mark.parametrize("language", ["xx", "ja", "", "../en"])
def test_a_language_without_words_to_look_up_has_an_empty_vocabulary(language: str) -> None:
    assert Vocabulary.of(language) == Vocabulary(language, {}, frozenset())


def test_numbers_inside_words_are_one_form() -> None:
    assert math.isclose(
        Vocabulary.of("en").zipf[b"0d"],
        max(zipf(frequencies("en")[word]) for word in ("2d", "3d", "4d")),
    )


def test_excess_words_are_words_of_style() -> None:
    words = excess_words("en")

    assert {b"delves", b"crucial", b"underscores"} <= words
    assert b"covid" not in words
    assert all(word.isalpha() and word.islower() for word in words)
