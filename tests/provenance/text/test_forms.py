"""The compiled pass against the plain normal form, character by character and at random."""

from __future__ import annotations

import itertools
import sys
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from provenance.text import forms
from provenance.text.characters import N_CHARACTERS, SLOW, characters
from provenance.text.forms import normal_forms
from provenance.text.normal import normal_form

#: Every character, save that of letters without case, unassigned and private ones one in 50 does.
CHARACTERS = [
    chr(code)
    for code in range(sys.maxunicode + 1)
    if unicodedata.category(chr(code)) != "Cs"
    if unicodedata.category(chr(code)) not in {"Lo", "Cn", "Co"}
    or code % 50 == 0
    or not unicodedata.is_normalized("NFKC", chr(code))
]

#: What a neighbour may be to a character: nothing, a base, a mark above, below, a vowel sign.
BEFORE = ("", "E", "\u00e9", "\u6f22", "\u0995", "\u1100", "q\u200b", "\u0301", "\u09c7", "<")
AFTER = ("", "b", "\u0301", "\u0323", "\u09be", "\u1161", "\u200d\u0301", "\u3099")

TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.characters(max_codepoint=0x7F),
        st.sampled_from(
            "aEZ09 .,-"
            "\u6f22\u5b57\u30ab\u0e01\u0e34\u0e4c\u0ea5\u1781\u1019\u0301\u0323\u0338\u3099"
            "\u200b\u200d\u00ad\ufe0f\ufb01\u2167\u00bd\u00df\u0130\u0390\uac00\u1100\u1161\u11a8"
            "\u0995\u09c7\u09be\u0915\u093c\u094d\u00b4\ufdfa<=\U0001f469\U0001f3fd\U00020000"
        ),
    ),
    max_size=60,
)


def formed(texts: list[str | None]) -> list[str | None]:
    return normal_forms(pa.array(texts, pa.large_string())).to_pylist()


@given(st.lists(TEXTS, max_size=5))
@settings(max_examples=500, deadline=None)
@example(["e\u200b\u0301", "\u6f22\u0301a", "\u6f22,\u0301a", "\u0301"])
@example(["q\u0301\u0323", "\u00e9\u0316", "i\u0307\u0323", "\u0130\u0307"])
def test_the_pass_equals_the_plain_version_on_any_unicode(texts: list[str]) -> None:
    assert formed(texts) == [normal_form(text) for text in texts]


def test_every_character_has_its_plain_form() -> None:
    assert formed(CHARACTERS) == [normal_form(one) for one in CHARACTERS]


def test_neighbours_of_every_kind_change_a_character_as_in_the_plain_version() -> None:
    pairs = itertools.product(BEFORE, AFTER)
    texts = [f"{b}{one}{a}" for step, (b, a) in enumerate(pairs) for one in CHARACTERS[step::211]]

    assert formed(texts) == [normal_form(text) for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        "The cat\u2019s \u201cna\u00efve\u201d caf\u00e9 \u2014 \u20ac5 \u2026 \U0001f600",
        "Grüße aus Köln",
        "İstanbul'da bir gün",
        "Комитет собрался во вторник",
        "漢字とカタカナを書く。",
        "ภาษาไทยไม่มีช่องว่าง",
        "안녕하세요 세계",
        "हिन्दी में लिखा हुआ पाठ",
        "বাংলা ভাষায় লেখা",
        "بِسْمِ ٱللَّهِ",
    ],
)
def test_ordinary_texts_of_many_scripts_need_no_slow_path(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = normal_form(text)
    monkeypatch.setattr(forms, "normal_form", None)

    assert formed([text]) == [expected]


def test_a_form_much_longer_than_its_text_leaves_the_others_alone() -> None:
    texts = ["\ufdfa" * 2000, "plain text", "\u2474" * 500, "a b"]

    assert formed(texts) == [normal_form(text) for text in texts]


def test_nulls_stay_null_and_slices_are_formed_as_themselves() -> None:
    whole = pa.array(["One", None, "Q\u0301\u0323", "TWO words"], pa.large_string())

    assert normal_forms(whole).to_pylist() == [
        "one",
        None,
        normal_form("Q\u0301\u0323"),
        "two words",
    ]
    assert normal_forms(whole.slice(1, 2)).to_pylist() == [None, normal_form("Q\u0301\u0323")]
    assert formed([]) == []


@pytest.mark.parametrize(
    "data", [b"\xff", b"\xc3", b"\xe2\x82", b"\xc3A", b"\x80a", b"\xed\xa0\x80"]
)
def test_bytes_that_are_no_utf8_are_refused(data: bytes) -> None:
    broken = pa.array([b"fine", data], pa.large_binary()).view(pa.large_string())

    with pytest.raises(UnicodeDecodeError):
        normal_forms(broken)


def test_few_characters_need_the_slow_path() -> None:
    assert (characters().kinds == SLOW).sum() - 0x800 < N_CHARACTERS / 1000
