"""The Unicode form that is scored, and a count of what was hidden in the text.

Hidden characters are removed and counted apart from their legitimate uses: joiners in emoji and in
Indic, Arabic and Persian words, variation selectors on emoji and Han, tags in flag emoji, narrow
spaces beside French punctuation and digits, direction marks in right-to-left text, soft hyphens.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

VERSION: Final = "1"

_EMOJI = "\u200d\ufe0f\u20e3\u203c-\u3299\U0001f000-\U0001faff\u00a9\u00ae#*0-9"
_JOINING = "\u0600-\u08ff\u0900-\u0dff\u0e80-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefe"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_FLAG_TAGS = "\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"

_SUSPECT = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    "\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef]"
)
_LEGITIMATE = (
    f"(?P<legitimate>{_FLAG_TAGS}"
    f"|(?<=[{_EMOJI}\U0001f3fb-\U0001f3ff])\u200d(?=[\u2190-\u2bff\U0001f000-\U0001faff])"
    f"|(?<=[{_JOINING}])[\u200c\u200d]"
    f"|(?<=[{_EMOJI}\u2190-\u2bff])[\ufe0e\ufe0f]"
    "|(?<=[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\ufe00-\ufe02\U000e0100-\U000e01ef])"
)
_KINDS = (
    (
        "zero_width",
        "[\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2064\u3164\ufeff\uffa0]",
    ),
    ("tags", "[\U000e0000-\U000e007f]"),
    ("variation_selectors", "[\ufe00-\ufe0f\U000e0100-\U000e01ef]"),
    ("direction", "[\u061c\u200e\u200f\u202a-\u202e\u2065-\u206f]"),
)
_HIDDEN = re.compile("|".join([_LEGITIMATE, *(f"(?P<{name}>{form})" for name, form in _KINDS)]))
_ODD_SPACE = re.compile(
    "[\u2000-\u200a\u205f]"
    "|(?<![\\d\u00ab\u1800-\u18af])\u202f(?![\\d;:!?%\u20ac\u00bb\u1800-\u18af])"
)

# Letters of Greek and Cyrillic that look like a Latin one (Unicode TR 39, the common part).
_LOOKALIKES: Final = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405"
    "\u03b1\u03bf\u03bd\u03c1\u03b9\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f"
    "\u03a1\u03a4\u03a5\u03a7",
    "aeopcyxijshdqwABEKMHOPCTYXIJSaovpiABEZHIKMNOPTYX",
)
_MIXED_WORD = re.compile("(?=\\w*[A-Za-z])(?=\\w*[\u0370-\u03ff\u0400-\u052f])\\w+")
_GREEK_OR_CYRILLIC = re.compile("[\u0370-\u052f]")
_MIXED = re.compile("[A-Za-z][\u0370-\u03ff\u0400-\u052f]|[\u0370-\u03ff\u0400-\u052f][A-Za-z]")

_PUNCTUATION: Final = (
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u02bc\u2039\u203a", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u300c\u300d\u300e\u300f", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2e3a\u2e3b", "-")
    | {"\u2026": ".", "\u3002": ".", "\u3001": ",", "\u2022": " ", "\u00b7": " ", "\u00ad": ""}
)
_ODD_PUNCTUATION = re.compile(f"[{''.join(_PUNCTUATION)}]")
_LIST_MARK = re.compile(r"^[ \t]*(?:[-+\u2022\u00b7]|\d{1,2}[.)])[ \t]+", re.MULTILINE)


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


def visible(text: str) -> tuple[str, HiddenCounts]:
    """The text without what is hidden in it, and how much of each kind there was.

    Odd spaces become plain ones; look-alike letters inside Latin words become Latin.
    """
    if text.isascii():
        return text, NOTHING_HIDDEN
    counts: dict[str, int] = {}
    if _SUSPECT.search(text):
        text = _without_hidden(text, counts)
    if _GREEK_OR_CYRILLIC.search(text) and _MIXED.search(text):
        text = _without_lookalikes(text, counts)
    return text, HiddenCounts(**counts) if counts else NOTHING_HIDDEN


def scored_form(text: str) -> str:
    """The form a detector reads: visible, lower case, compatibility-composed, plain punctuation.

    List marks at line starts go; case, quotes and dashes cannot carry the label. White space is
    left as it is: token kernels read any run of it as one space.
    """
    text = visible(text)[0]
    if "\n" in text:
        text = _LIST_MARK.sub("", text)
    if not text.isascii():
        text = _ODD_PUNCTUATION.sub(lambda match: _PUNCTUATION[match[0]], text)
        text = unicodedata.normalize("NFKC", text)
    return text.lower()


def _without_hidden(text: str, counts: dict[str, int]) -> str:
    left_alone = "direction" if _RIGHT_TO_LEFT.search(text) else "legitimate"

    def replace(match: re.Match[str]) -> str:
        kind = str(match.lastgroup)
        if kind in ("legitimate", left_alone):
            return match[0]
        counts[kind] = counts.get(kind, 0) + 1
        return ""

    text = _HIDDEN.sub(replace, text)
    text, odd_spaces = _ODD_SPACE.subn(" ", text)
    if odd_spaces:
        counts["odd_spaces"] = odd_spaces
    return text


def _without_lookalikes(text: str, counts: dict[str, int]) -> str:
    def replace(match: re.Match[str]) -> str:
        latin = match[0].translate(_LOOKALIKES)
        if not latin.isascii():
            return match[0]
        counts["homoglyph_words"] = counts.get("homoglyph_words", 0) + 1
        return latin

    return _MIXED_WORD.sub(replace, text)
