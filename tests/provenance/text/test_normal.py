"""The normal form against its definition, spelled out character by character."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.text import normal
from provenance.text.normal import content_hash, normal_form, unicode_normal_form


def defined_normal_form(text: str) -> str:
    """The rule of the module's docstring, as one reads it."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = "".join(character for character in text if not hidden(character))
    text = unicodedata.normalize("NFKC", text)
    words: list[str] = []
    last = ""  # what the last word is, "" after a separator
    for character in text:
        category = unicodedata.category(character)[0]
        if category not in "LMN":
            last = ""
        elif category != "M" and in_ranges(character, normal._UNSPACED_RANGES):
            words.append(character)
            last = "unspaced"
        elif last == "spaced" or (category == "M" and last == "unspaced"):
            words[-1] += character
        else:
            words.append(character)
            last = "spaced"
    return " ".join(words)


def hidden(character: str) -> bool:
    ignorable = in_ranges(character, normal._IGNORABLE_RANGES)
    return ignorable or unicodedata.category(character) == "Cf"


def in_ranges(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= ord(character) <= last for first, last in ranges)


SCRIPTS = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "aZ09 .,-'\n漢字カなกิ์ລາວခမ\u0301\u3099\u200b\u00ad\ufe0fﬁⅧ½ßİΐ가\u1161\u11a8e"
        ),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", ""),
        (" \n\t.,;!", ""),
        ("Hello, WORLD!", "hello world"),
        ("snake_case and don't", "snake case and don t"),
        ("ﬁne Ⅷ ½", "fine viii 1 2"),
        ("Straße STRASSE", "strasse strasse"),
        ("zero\u200bwidth soft\u00adhyphen a\ufe0fb", "zerowidth softhyphen ab"),
        ("cafe\u0301 café", "café café"),
        ("日本語テキスト", "日 本 語 テ キ ス ト"),
        ("abc漢字12ab", "abc 漢 字 12ab"),
        ("สวัสดี", "ส วั ส ดี"),
        ("안녕 세계", "안녕 세계"),
        ("हिन्दी पाठ", "हिन्दी पाठ"),
        ("ﾊﾟﾝ", "パ ン"),
    ],
)
def test_known_forms(text: str, form: str) -> None:
    assert normal_form(text) == form


@given(st.text(st.characters(max_codepoint=127), max_size=300))
def test_the_shortcut_for_ascii_equals_the_definition(text: str) -> None:
    assert normal_form(text) == unicode_normal_form(text) == defined_normal_form(text)


@given(SCRIPTS)
@example("e\u200b\u0301")
@example("\u0301漢\u0301a")
def test_the_array_version_equals_the_definition(text: str) -> None:
    assert normal_form(text) == defined_normal_form(text)


@given(SCRIPTS)
def test_the_normal_form_is_its_own_normal_form(text: str) -> None:
    form = normal_form(text)

    assert normal_form(form) == form


def test_every_character_has_a_stable_form() -> None:
    for start in range(0, sys.maxunicode, 4096):
        text = " x".join(map(chr, range(start, start + 4096)))
        form = normal_form(text)

        assert normal_form(form) == form


@given(SCRIPTS)
def test_words_are_separated_by_single_spaces(text: str) -> None:
    form = normal_form(text)

    assert form.split(" ") == form.split() or form == ""


def test_lone_surrogates_are_no_words() -> None:
    assert normal_form("a\ud800b") == "a b"


def test_the_hash_is_blake2b_of_utf8_with_16_bytes() -> None:
    assert content_hash("abc").hex() == "cf4ab791c62b8d2b2109c90275287816"
    assert len(content_hash("漢 字")) == 16
