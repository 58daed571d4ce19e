"""Known answers for sentences, endings and single words."""

from __future__ import annotations

import pytest

from detectors.normalize import scored_form
from detectors.stylometry.features import FUNCTION_WORDS
from detectors.stylometry.profile import MEANINGS, NAMES, measure
from detectors.stylometry.rhythm import SINGLE_WORDS

TEXT = "The cat sat down. And I didn't see it/him! However, this is kindness; it's slowly ending."
# words: the cat sat down | and i didn't see it him | however this is kindness it's slowly ending


def value(name: str, text: str = TEXT) -> float:
    return measure(scored_form(text))[name]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sentence_steps", 1.5 * 3 / 17),
        ("short_sentences", 1.0),
        ("long_sentences", 0.0),
        ("opening_articles", 1 / 3),
        ("opening_conjunctions", 1 / 3),
        ("opening_connectives", 1 / 3),
        ("opening_pronouns", 0.0),
        ("connectives", 1 / 17),
        ("contractions", 1 / 17),
        ("stops", 2 / 17),
        ("slashes", 1 / 17),
        ("ending_ing", 1 / 17),
        ("ending_ness", 1 / 17),
        ("ending_ly", 1 / 17),
        ("ending_n't", 1 / 17),
        ("ending_'s", 1 / 17),
        ("word_the", 1 / 17),
        ("word_it", 1 / 17),
        ("word_am", 0.0),
    ],
)
def test_a_feature_has_its_known_value(name: str, expected: float) -> None:
    assert value(name) == pytest.approx(expected)


def test_an_ending_needs_two_characters_before_it() -> None:
    assert value("ending_ing", "king bring") == 0.5


def test_a_long_sentence_has_thirty_words() -> None:
    assert value("long_sentences", "word " * 29) == 0.0
    assert value("long_sentences", "word " * 30) == 1.0


def test_every_function_word_has_its_own_rate() -> None:
    assert len(SINGLE_WORDS) == len(FUNCTION_WORDS) == len(set(FUNCTION_WORDS))


def test_names_are_distinct_and_say_what_they_mean() -> None:
    assert len(set(NAMES)) == len(NAMES) > 200
    assert all(MEANINGS.values())


def test_formatting_changes_no_feature() -> None:
    plain = "It is so. The cat - a big one - sat, and it said 'no'. We left (at once)."
    marked = (
        "## It  is so.\n\n- **The cat** \u2014 a BIG one \u2014 sat,\n"
        "and it said \u201cno\u201d.\t_We_ left (at once)."
    )

    assert measure(scored_form(marked)) == measure(scored_form(plain))
