"""Rare words against frequencies frozen before machine-written text."""

from __future__ import annotations

import math

import pytest

from provenance.text.rarity import common_words, rarity

COMMON = " ".join([word for word in sorted(common_words("en")) if word.isalpha()][:60])


def test_a_text_of_common_words_has_no_rarity() -> None:
    assert rarity([COMMON], ["en"])[0] == 0.0


def test_rarity_is_the_share_of_distinct_words_outside_the_list() -> None:
    common = [word for word in sorted(common_words("en")) if word.isalpha()][:30]
    rare = ["qwzxv" + "abcdefghij"[i] for i in range(10)]

    value = rarity([" ".join([*common, *rare, *rare, *rare])], ["en"])[0]

    assert value == pytest.approx(10 / 40)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (None, "en"),
        (COMMON, None),
        (COMMON, "ja"),
        (COMMON, "xx"),
        ("too few words", "en"),
        ("", "en"),
    ],
)
def test_rarity_is_unknown_rather_than_wrong(text: str | None, language: str | None) -> None:
    assert math.isnan(rarity([text], [language])[0])


def test_the_languages_of_language_id_find_their_list() -> None:
    assert common_words("no") == common_words("nb") != frozenset()
