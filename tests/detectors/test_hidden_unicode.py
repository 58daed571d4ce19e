"""What is hidden is found, shown and removed; what is rightful stays."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detectors.hidden_payloads import KEPT_BYTES, KEPT_PAYLOADS, Payload
from detectors.hidden_unicode import (
    NOTHING_HIDDEN,
    Cleaned,
    HiddenCounts,
    clean,
    visible,
)

RIGHTFUL = {
    "joiner in an emoji": "👩\u200d💻",
    "a family": "👨\u200d👩\u200d👧\u200d👦",
    "skin tone and joiner": "👩🏽\u200d🚀",
    "joiner before a sign with its presentation": "🙋\u200d♀\ufe0f",
    "a flag of joined emoji": "🏳\ufe0f\u200d🌈",
    "emoji presentation": "❤\ufe0f",
    "text presentation": "▶\ufe0e",
    "a sign of the web as emoji": "©\ufe0f",
    "keycap": "1\ufe0f\u20e3",
    "flag of a region": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "joiner in Hindi": "क्\u200dष",
    "non-joiner in Bengali": "ক্\u200cষ",
    "joiner in Sinhala": "ශ්\u200dරී",
    "non-joiner in Persian": "می\u200cخواهم",
    "non-joiner in a German ligature": "Auf\u200clage",
    "zero-width space in Thai": "สวัสดี\u200bครับ",
    "zero-width space in Khmer": "សួស្តី\u200bបាទ",
    "zero-width space in Burmese": "မြန်မာ\u200bစာ",
    "narrow space in French": "Quoi\u202f? «\u202foui\u202f» 10\u202f000",
    "thin spaces in French": "80\u2009% du sien\u2009: «\u2009oui.\u2009»",
    "hair spaces around a dash": "used\u200a—\u200aand",
    "wide spaces of a heading": "2019\u2003\u2003Spokane",
    "soft hyphen in German": "Donau\u00addampf",
    "no-break space": "10\u00a0km",
    "ideographic space": "東京\u3000大阪",
    "variant of a Han character": "葛\U000e0100城",
    "variant of a mathematical sign": "A\u2229\ufe00B",
    "variant of full-width punctuation": "是\uff0c\ufe01否",
    "dotted form in Khamti": "\u1000\ufe00",
    "variant of a Mongolian letter": "ᠠ\u180bᠠ",
    "Mongolian vowel separator": "ᠰᠠᠷ\u180eᠠ",
    "narrow space in Mongolian": "ᠭᠡᠷ\u202fᠡᠴᠡ",
    "direction mark in Hebrew": "שלום\u200f!",
    "direction mark in Arabic": "(مرحبا)\u200e",
    "function application": "cos\u2061t + det\u2061(A)",
    "filler in old Hangul": "\u115f\u1161 \u1100\u1160",
    "grapheme joiner between Hebrew points": "יְרוּשָׁלַ\u034fִם",
    "a Russian sentence": "Привет, мир",
    "a Greek letter alone": "the α level",
    "a word of two scripts without look-alikes": "веб-API и CSSы, GЖ",
    "a Russian word of look-alikes among Russian ones": "она с ума, а оса - у реки",
    "a Russian word between names": "Связь REST с JSON поддерживают все современные библиотеки",
    "a Russian text that begins with one before a name": "В Excel есть несколько способов",
    "a Greek symbol between English words": "the α of the ο and ρ rows",
    "a quotation": "she said «а роза упала на лапу» and left",
    "phonetic writing": "French: [pjɛʁ ʃɑʁl], British English /ˈkɑːsəl/",
    "Armenian": "ոսկի և հող, ho ոսկի",
}

HIDDEN = {
    "a\u200bb": ("ab", HiddenCounts(zero_width=1)),
    "\ufeffab\u2060": ("ab", HiddenCounts(zero_width=2)),
    "a\u200db\u200cc": ("abc", HiddenCounts(zero_width=2)),
    "vegetables\u2063\n": ("vegetables\n", HiddenCounts(zero_width=1)),
    "\u3164\u115f\u1160": ("", HiddenCounts(zero_width=3)),
    "ab\U000e0041\U000e0042": ("ab", HiddenCounts(tags=2)),
    "🏴" + "".join(chr(0xE0000 + ord(c)) for c in "a long secret") + "\U000e007f!": (
        "🏴!",
        HiddenCounts(tags=14),
    ),
    "a\ufe01\U000e0150b": ("ab", HiddenCounts(variation_selectors=2)),
    "wo\ufe00rd": ("word", HiddenCounts(variation_selectors=1)),
    "❤\ufe0f\ufe0f": ("❤", HiddenCounts(variation_selectors=2)),
    "葛\U000e0100\U000e0101": ("葛", HiddenCounts(variation_selectors=2)),
    "latin\u180b": ("latin", HiddenCounts(variation_selectors=1)),
    "ab\u202ecd": ("abcd", HiddenCounts(direction=1)),
    "some\u202fwords\u2003here": ("some words here", HiddenCounts(odd_spaces=2)),
}

LOOKALIKE = {
    "two w\u043erds": ("two words", 1),
    "the c\u0430t \u0455at": ("the cat sat", 2),
    "p\u03b1ge \u0391pple": ("page Apple", 2),
    "TNF\u03b1": ("TNFa", 0),
    "\u0425III \u0432\u0435\u043a": ("XIII \u0432\u0435\u043a", 0),
    "w\u200b\u043erd": ("word", 1),
    "c\u0430fé Ren\u0435é": ("café Reneé", 2),
    "not \u0430 word, \u0406 \u0441\u043e\u0440\u0443 it": ("not a word, I copy it", 0),
    "of \u0391\u0399 2 \u0399\u0399 years": ("of AI 2 II years", 0),
    "the \u041d24 road": ("the H24 road", 0),
    "differe\u0578ce, Wit\u0570, poli\u03f2y, w\u0251s": ("difference, With, policy, was", 3),
}


@pytest.mark.parametrize("text", RIGHTFUL.values(), ids=RIGHTFUL.keys())
def test_a_rightful_use_is_left_alone_and_not_counted(text: str) -> None:
    assert clean(text) == Cleaned(text)
    assert visible(text) == (text, NOTHING_HIDDEN)


@pytest.mark.parametrize("text", HIDDEN)
def test_what_is_hidden_is_removed_and_counted(text: str) -> None:
    cleaned = clean(text)

    assert (cleaned.text, cleaned.counts) == HIDDEN[text]
    assert visible(text) == HIDDEN[text]


@pytest.mark.parametrize("text", LOOKALIKE)
def test_lookalike_letters_become_latin_in_the_visible_form_only(text: str) -> None:
    latin, n_words = LOOKALIKE[text]

    assert visible(text)[0] == latin
    assert visible(text)[1].homoglyph_words == n_words
    assert clean(text).text == text.replace("\u200b", "")


def _selectors(data: bytes) -> str:
    return "".join(chr(0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16) for byte in data)


def _tags(text: str) -> str:
    return "".join(chr(0xE0000 + ord(character)) for character in text)


def _bits(data: bytes) -> str:
    return "".join(f"{byte:08b}" for byte in data).replace("0", "\u200b").replace("1", "\u200c")


@pytest.mark.parametrize(
    ("text", "payload", "shown"),
    [
        (f"A{_selectors(b'a key')}!", Payload("variation_selectors", b"a key", 5), "a key"),
        (f"😀{_selectors(bytes(range(9)))}", Payload("variation_selectors", bytes(range(9)), 9),
         "0x000102030405060708"),
        (f"東{_selectors('秘密'.encode())}", Payload("variation_selectors", "秘密".encode(), 6),
         "\\u79d8\\u5bc6"),
        (f"Hi{_tags('made by X')}", Payload("tags", b"made by X", 9), "made by X"),
        (f"Hi{_bits(b'ChatBot')}.", Payload("zero_width", b"ChatBot", 7), "ChatBot"),
        (f"a{_tags('id7')} b{_tags('id7')}", Payload("tags", b"id7", 3, times=2), "id7"),
    ],
)  # fmt: skip
def test_a_payload_is_decoded_and_shown(text: str, payload: Payload, shown: str) -> None:
    cleaned = clean(text)

    assert cleaned.payloads == (payload,)
    assert payload.shown() == shown
    assert cleaned.text.isprintable()


def test_scattered_zero_width_characters_spell_nothing() -> None:
    assert clean("\u200b".join("it was the best of times")).payloads == ()


def test_a_long_payload_is_cut_and_so_is_their_number() -> None:
    long = clean(f"A{_selectors('é'.encode() * 5000)}").payloads[0]
    many = clean(" ".join(f"a{_tags(str(number))}" for number in range(100))).payloads

    assert (len(long.data), long.n_bytes) == (KEPT_BYTES, 10_000)
    assert long.shown() == "\\xe9" * (KEPT_BYTES // 2) + "..."
    assert len(many) == KEPT_PAYLOADS


#: Characters near every rule: hidden ones, their rightful neighbours, and plain text.
_NEAR_RULES = st.text(
    st.sampled_from(
        "aZfl 1#.\n-—«»é葛東ßकش加ᠠᠡש😀❤👩🏽🏴♀💻กမខ∩，\u0304аежΑα\u1100\u1161"
        "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u180e\u2003\u2009\u200b\u200c\u200d\u200e"
        "\u202e\u202f\u2060\u2061\u2063\u20e3\u2066\u3164\ufe00\ufe0e\ufe0f\ufeff\uffa0"
        "\U000e0001\U000e0067\U000e0062\U000e007f\U000e0100\U000e01ef\U000e0fff"
    )
)
_INVISIBLE = re.compile(
    "[\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
_SPACES = re.compile("[ \u2000-\u200a\u202f\u205f]")


@settings(deadline=None)  # the first call compiles
@given(st.one_of(_NEAR_RULES, st.text()))
@example("a\ufe0f\u200d👧")
@example("\u3164\u2061a")
@example("w\u200b\u043erd")
def test_a_second_pass_changes_nothing(text: str) -> None:
    once = clean(text).text
    seen = visible(text)[0]

    assert clean(once).text == once
    assert visible(seen)[0] == seen


@settings(deadline=None)  # the first call compiles
@given(_NEAR_RULES)
def test_nothing_visible_is_removed(text: str) -> None:
    def bare(value: str) -> str:
        return _SPACES.sub(" ", _INVISIBLE.sub("", value))

    assert bare(clean(text).text) == bare(text)


@settings(deadline=None)  # the first call compiles
@given(_NEAR_RULES)
def test_every_character_removed_is_counted(text: str) -> None:
    cleaned = clean(text)
    counts = cleaned.counts

    removed = counts.zero_width + counts.tags + counts.variation_selectors + counts.direction
    assert len(text) - len(cleaned.text) == removed


@settings(deadline=None)  # the first call compiles
@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_ascii_hides_nothing(text: str) -> None:
    assert clean(text) == Cleaned(text)


@settings(deadline=None)  # the first call compiles
@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Z", "Cs"])))
def test_no_text_raises(text: str) -> None:
    clean(text)


def test_lone_lookalikes_stay_where_letters_that_look_like_none_are_as_many() -> None:
    lone = "in \u0430 word"

    assert visible(f"{lone} {'я' * 5}")[0] == f"in a word {'я' * 5}"
    assert visible(f"{lone} {'я' * 6}")[0] == f"{lone} {'я' * 6}"


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.sampled_from(["word", "É", "7", "а", "ІС", "α", "мир", "加", "cо", "A_"])))
@example(["word", "а", "мир", "а", "word"])
def test_a_lone_lookalike_is_latin_between_latin_words_alone(words: list[str]) -> None:
    read = visible(" ".join(words))[0].split()

    if sum(word in {"word", "cо"} for word in words) <= words.count("мир"):
        return  # another text's own words
    for at, word in enumerate(words):
        around = [_nearest(words[:at][::-1]), _nearest(words[at + 1 :])]
        is_folded = word in {"а", "ІС"} and all(near in _LATIN_WORDS for near in around)
        assert (read[at] != word) == (is_folded or word == "cо")


_LATIN_WORDS = {"word", "É", "cо", "A_"}


def _nearest(words: list[str]) -> str:
    return next((word for word in words if word not in {"7", "а", "ІС"}), "")


@pytest.mark.parametrize(
    "unit",
    ["\u200b", "a\u200b", "\ufe01", "👩\u200d", "क\u200d", "\U000e0041", "aа", "a_1", "\u202f",
     "а ", "а b ", "а b я "],
)  # fmt: skip
def test_a_long_run_of_one_kind_is_read_to_its_end(unit: str) -> None:
    # Half a million characters: linear work takes part of a second, quadratic work would not end.
    text = f"а{unit * (500_000 // len(unit))}z\u200b"

    cleaned = clean(text).text

    assert cleaned.endswith("z")
    assert clean(cleaned).text == cleaned
