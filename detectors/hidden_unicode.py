"""What is hidden in a text: invisible characters, what they spell, and look-alike letters.

The one place that says which characters count as hidden and where the same character is rightful:

- joiners and selectors inside emoji, tags in the flags of regions (UTS 51);
- joiners after a letter of an Indic, Arabic or South-East Asian script, and between the letters of
  a German "ff" or "fl" that must not become a ligature;
- zero-width spaces after Thai, Lao, Khmer and Myanmar letters: there they part words;
- variation selectors, one at a time, after Han, mathematical, Myanmar and Mongolian characters;
- narrow no-break spaces beside digits and French punctuation, and in Mongolian words;
- direction marks in a text that holds right-to-left letters; fillers in old Hangul syllables;
- invisible operators between the terms of a formula; soft hyphens and spaces of typography.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.hidden_payloads import Payload, payloads
from detectors.kernels.hidden import AMONG_LATIN, MIXED_SCRIPTS, SUSPECT, character_classes, flags

_SELECTOR = "\ufe00-\ufe0f\U000e0100-\U000e01ef"

#: Kind -> its characters. Only what is not rightful where it stands is counted.
_KINDS: Final = {
    "zero_width": "\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2064"
    "\u3164\ufeff\uffa0",
    "tags": "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff",
    "variation_selectors": f"\u180b-\u180d\u180f{_SELECTOR}",
    "direction": "\u061c\u200e\u200f\u202a-\u202e\u2065-\u206f",
}
_ODD_SPACES = "\u2000-\u200a\u202f\u205f"

_EMOJI = "[\u00a9\u00ae\u203c-\u205e\u2070-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
_STYLED = f"{_EMOJI}[\U0001f3fb-\U0001f3ff]?(?:[\ufe0e\ufe0f](?![{_SELECTOR}]))?\u20e3?"
_REGION_TAG = "[\U000e0030-\U000e0039\U000e0061-\U000e007a]"
_MONGOLIAN = "\u1800-\u180a\u1810-\u18af"
_KHMER = "\u1780-\u17b3\u17b6-\u17ff"
_JOINING = f"\u0600-\u061b\u061d-\u08ff\u0900-\u0dff\u0e80-\u109f{_KHMER}\ufb50-\ufdff\ufe70-\ufefe"
_UNSPACED = f"\u0e00-\u0eff\u1000-\u109f{_KHMER}\ua9e0-\ua9ff\uaa60-\uaa7f"
_WITH_VARIANTS = "0\u1000-\u109f\u2205-\u2aff\u3001\u3002\ua840-\ua877\uaa60-\uaa7b\uff01-\uff1f"
_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
#: Invisible, but letters to Unicode.
_FILLER = "[\u115f\u1160\u3164\uffa0]"

# What stands before a rightful character is never hidden itself, so what one pass leaves, the next
# leaves too. Sequences are matched from their first, visible character on.
_SEQUENCE = re.compile(
    f"\U0001f3f4{_REGION_TAG}{{3,6}}\U000e007f"
    f"|{_STYLED}(?:\u200d{_STYLED})*"
    f"|[#*0-9]\ufe0f(?![{_SELECTOR}])"
)
_RIGHTFUL = re.compile(
    f"(?<=[{_WITH_VARIANTS}])[\ufe00\ufe01](?![{_SELECTOR}])"
    f"|(?<=[{_HAN}])[\ufe00-\ufe02\U000e0100-\U000e01ef](?![{_SELECTOR}])"
    f"|(?<=[{_MONGOLIAN}])[\u180b-\u180f](?![\u180b-\u180f])"
    f"|(?<=[{_JOINING}])[\u200c\u200d]"
    "|(?<=f)\u200c(?=[bfhijklt])"
    f"|(?<=[{_UNSPACED}])\u200b(?!\u200b)"
    "|(?<=[\u0300-\u034e\u0350-\u036f\u0591-\u05c7])\u034f(?!\u034f)"
    "|\u115f(?=[\u1161-\u11ff])"
    "|(?<=[\u1100-\u115e])\u1160"
    "|(?<=[\u1780-\u17b3])[\u17b4\u17b5](?![\u17b4\u17b5])"
    f"|(?<=[\\w)\\]}}\u2032])(?<!{_FILLER})[\u2061-\u2064](?!{_FILLER})(?=[\\w(\\[{{\\\\|])"
)
_SUSPECT = re.compile(f"[{''.join(_KINDS.values())}]")
#: After a hidden character only a filler can be rightful: its right comes from the next one.
_RUNS: Final = {
    kind: re.compile(f"[{form}]+".replace("\u115f", "")) for kind, form in _KINDS.items()
}
_SKIN_TONES: Final = frozenset("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
#: What may stand before a rightful character in ASCII; and characters that ask for something else.
_ASCII_BASES: Final = frozenset("#*0123456789f")
_BASED_OTHERWISE: Final = frozenset("\u115f\u2061\u2062\u2063\u2064")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
#: Typography sets off dashes, digits, units and quotes; between two letters it has no business.
_ODD_SPACE = re.compile(
    f"[{_ODD_SPACES}](?:(?<=[^\\W\\d_][^\u202f])(?=[^\\W\\d_])"
    f"|(?<=\u202f)(?<![\\d\u00ab\u2039{_MONGOLIAN}].)(?![\\d;:!?%\u20ac\u00bb\u203a{_MONGOLIAN}]))",
    re.DOTALL,
)

# Letters that look like an ASCII one (Unicode TR 39, the common part): of Cyrillic, Greek, Armenian
# and the phonetic alphabet.
_LOOKALIKES: Final = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405"
    "\u03b1\u03bf\u03bd\u03c1\u03b9\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f"
    "\u03a1\u03a4\u03a5\u03a7"
    "\u042c\u0475\u0474\u04af\u04ae\u04cf\u04c0\u051a\u051c\u03f2\u03f9\u03f3\u037f"
    "\u0585\u0555\u0578\u057d\u054d\u0570\u0581\u0251\u0261",
    "aeopcyxijshdqwABEKMHOPCTYXIJSaovpiABEZHIKMNOPTYXbvVyYlIQWcCjJoOnuUhgag",
)
_WORD = re.compile(r"\w+")
_LATIN = re.compile("[A-Za-z]")
_LATIN_WORD = re.compile("[0-9A-Z_a-z\u00aa-\u024f]+")
_NO_LETTERS = re.compile(r"[\d_]+")
#: A word that looks Latin and has no Latin letter. A lower-case Greek letter alone is a symbol.
_LONE: Final = re.compile(
    f"[\\d_{''.join(chr(code) for code in _LOOKALIKES if not 0x3B1 <= code <= 0x3C9)}]+"
)
_ROMAN_NUMERAL = re.compile("[IVXLCDM]+")  # typed with Cyrillic letters in Russian texts
#: A lower-case Greek letter at the edge of a word is a symbol: TNF\u03b1.
_DISGUISE = re.compile(
    "[\u037f\u0391-\u03a7\u03f2-\u03f9\u0400-\u0587]|(?<=[A-Za-z])[\u03b1-\u03c9](?=[A-Za-z])"
)


def _members(form: str) -> Iterator[int]:
    """Code points of the inside of a character class: single ones and first-last ranges."""
    for first, last in re.findall("(.)(?:-(.))?", form, re.DOTALL):
        yield from range(ord(first), ord(last or first) + 1)


_KIND_OF: Final = {code: kind for kind, form in _KINDS.items() for code in _members(form)}
_CLASSES: Final = character_classes(
    suspect=(code for code in (*_KIND_OF, *_members(_ODD_SPACES)) if code < 0x10000),
    other_scripts=range(0x370, 0x588),
    lookalikes=_LOOKALIKES,
)


@dataclass(frozen=True, slots=True)
class HiddenCounts:
    """What was hidden in a text: characters, but for `homoglyph_words` words."""

    zero_width: int = 0
    tags: int = 0
    variation_selectors: int = 0
    direction: int = 0
    odd_spaces: int = 0
    homoglyph_words: int = 0


NOTHING_HIDDEN: Final = HiddenCounts()


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text without what was hidden in it. Look-alike letters are counted and left as they are."""

    text: str
    counts: HiddenCounts = NOTHING_HIDDEN
    payloads: tuple[Payload, ...] = ()


def clean(text: str) -> Cleaned:
    """The text as a reader sees it: without what is hidden, odd spaces plain; and what that was."""
    found = _flags(text)
    if not found:
        return Cleaned(text)
    counts: dict[str, int] = {}
    runs: list[tuple[str, str]] = []
    if found & SUSPECT:
        text = _stripped(text, counts, runs)
        found = _flags(text)
    if found & MIXED_SCRIPTS:
        disguised = sum(_is_disguised(word[0]) for word in _WORD.finditer(text))
        if disguised:
            counts["homoglyph_words"] = disguised
    return Cleaned(text, HiddenCounts(**counts), payloads(runs)) if counts else Cleaned(text)


def visible(text: str) -> tuple[str, HiddenCounts]:
    """`clean`, with look-alike letters in and between Latin words made Latin; and the counts.

    Words wholly of look-alikes are not counted: a lone one may be a slip of the keyboard.
    """
    cleaned = clean(text)
    text, found = cleaned.text, _flags(cleaned.text)
    if found & MIXED_SCRIPTS:
        text = _WORD.sub(lambda word: _latin(word[0]) or word[0], text)
        found = _flags(text)
    return _with_lone_words(text) if found & AMONG_LATIN else text, cleaned.counts


def _with_lone_words(text: str) -> str:
    """`text` with words wholly of look-alikes made Latin where the words around them are that."""
    kept: list[str] = []
    end = 0
    for start, stop in _runs_among_latin(text):
        kept += text[end:start], text[start:stop].translate(_LOOKALIKES)
        end = stop
    return "".join([*kept, text[end:]])


def _runs_among_latin(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each run of lone words with Latin words on both sides.

    What has no letters is no word. Runs do not touch, so what becomes Latin changes nothing for
    another run.
    """
    run: tuple[int, int] | None = None
    is_latin = False
    for word in _WORD.finditer(text):
        if _NO_LETTERS.fullmatch(word[0]):
            continue
        if _LONE.fullmatch(word[0]):
            run = (run[0] if run else word.start(), word.end())
            continue
        was_latin, is_latin = is_latin, _LATIN_WORD.fullmatch(word[0]) is not None
        if run and was_latin and is_latin:
            yield run
        run = None


def _flags(text: str) -> int:
    if text.isascii():
        return 0
    return flags(np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8), _CLASSES)


def _stripped(text: str, counts: dict[str, int], runs: list[tuple[str, str]]) -> str:
    """`text` without hidden characters; adds to `counts`, and to `runs` those that touch."""
    kept: list[str] = []
    end = 0
    for start, stop, kind in _hidden(text):
        kept.append(text[end:start])
        runs.append((kind, text[start:stop]))
        counts[kind] = counts.get(kind, 0) + stop - start
        end = stop
    text, odd_spaces = _ODD_SPACE.subn(" ", "".join([*kept, text[end:]]))
    if odd_spaces:
        counts["odd_spaces"] = odd_spaces
    return text


def _hidden(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and kind of every run of characters that are not rightful where they stand."""
    is_right_to_left = None
    at = 0
    while suspect := _SUSPECT.search(text, at):
        start, kind = suspect.start(), _KIND_OF[ord(suspect[0])]
        if kind == "direction" and is_right_to_left is None:
            is_right_to_left = _RIGHT_TO_LEFT.search(text) is not None
        if kind == "direction" and is_right_to_left:
            at = start + 1
            continue
        at = _rightful_end(text, start)
        if at == start:
            run = _RUNS[kind].match(text, start)
            at = run.end() if run else start + 1
            yield start, at, kind


def _rightful_end(text: str, at: int) -> int:
    """Where the rightful sequence around the suspect at `at` ends; `at` itself when it is none."""
    before = text[at - 1 : at]
    if before.isascii() and before not in _ASCII_BASES and text[at] not in _BASED_OTHERWISE:
        return at
    first = at - 2 if at > 1 and before in _SKIN_TONES else at - 1
    for pattern, start in ((_SEQUENCE, max(first, 0)), (_RIGHTFUL, at)):
        found = pattern.match(text, start)
        if found and found.end() > at:
            return found.end()
    return at


def _latin(word: str) -> str | None:
    """`word` in Latin letters; None when it is that, or has letters that look like none."""
    if word.isascii() or not _LATIN.search(word):
        return None
    latin = word.translate(_LOOKALIKES)
    return latin if _LATIN_WORD.fullmatch(latin) else None


def _is_disguised(word: str) -> bool:
    latin = _latin(word)
    return bool(latin and _DISGUISE.search(word) and not _ROMAN_NUMERAL.fullmatch(latin))
