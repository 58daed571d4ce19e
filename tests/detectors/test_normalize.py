"""The scored form removes what is hidden, counts it, and leaves legitimate characters alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.normalize import NOTHING_HIDDEN, HiddenCounts, scored_form, visible

LEGITIMATE = {
    "joiner in an emoji": "👩\u200d💻",
    "skin tone and joiner": "👩🏽\u200d🚀",
    "emoji presentation": "❤\ufe0f",
    "keycap": "1\ufe0f\u20e3",
    "flag of a region": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "joiner in Hindi": "क्\u200dष",
    "non-joiner in Persian": "می\u200cخواهم",
    "narrow space in French": "Quoi\u202f? «\u202foui\u202f» 10\u202f000",
    "soft hyphen in German": "Donau\u00addampf",
    "no-break space": "10\u00a0km",
    "ideographic space": "東京\u3000大阪",
    "variant of a Han character": "葛\U000e0100",
    "direction mark in Hebrew": "שלום\u200f!",
    "a Russian sentence": "Привет, мир",
    "a Greek letter alone": "the α level",
    "a word of two scripts without look-alikes": "веб-API и CSSы, GЖ",
}

HIDDEN = {
    "a\u200bb": ("ab", HiddenCounts(zero_width=1)),
    "\ufeffab\u2060": ("ab", HiddenCounts(zero_width=2)),
    "ab\U000e0041\U000e0042": ("ab", HiddenCounts(tags=2)),
    "a\ufe01\U000e0150b": ("ab", HiddenCounts(variation_selectors=2)),
    "ab\u202ecd": ("abcd", HiddenCounts(direction=1)),
    "some\u202fwords\u2003here": ("some words here", HiddenCounts(odd_spaces=2)),
    "two w\u043erds": ("two words", HiddenCounts(homoglyph_words=1)),
    "the c\u0430t \u0455at": ("the cat sat", HiddenCounts(homoglyph_words=2)),
}


@pytest.mark.parametrize("text", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_a_legitimate_use_is_left_alone_and_not_counted(text: str) -> None:
    assert visible(text) == (text, NOTHING_HIDDEN)


@pytest.mark.parametrize("text", HIDDEN)
def test_what_is_hidden_is_removed_and_counted(text: str) -> None:
    assert visible(text) == HIDDEN[text]


def test_a_payload_in_variation_selectors_is_removed_whole() -> None:
    payload = "".join(chr(0xE0100 + byte) for byte in b"a secret message")

    assert visible(f"A{payload} text")[0] == "A text"


def test_formatting_does_not_reach_the_scored_form() -> None:
    fancy = "1. “It’s”—said he…\n- Second\u00a0item\n• Third"

    assert scored_form(fancy) == '"it\'s"-said he.\nsecond item\nthird'


def test_an_invisible_character_in_every_place_changes_no_score_form() -> None:
    text = "It was the best of times"

    assert scored_form("\u200b".join(text)) == scored_form(text)


@given(st.text())
def test_what_is_visible_stays_visible(text: str) -> None:
    once, _ = visible(text)

    assert visible(once)[0] == once


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_ascii_hides_nothing(text: str) -> None:
    assert visible(text) == (text, NOTHING_HIDDEN)


def test_clean_ascii_costs_less_than_twenty_microseconds() -> None:
    text = "The quick brown fox, isn't it? " * 65
    times = []
    for _ in range(200):
        start = time.perf_counter()
        scored_form(text)
        times.append(time.perf_counter() - start)

    assert min(times) < 20e-6
