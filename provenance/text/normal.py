"""The normal form of a text: what stays equal when only its looks change.

Content hashes and dedup shingles read it, so the rule is fixed for good:

1. Unicode NFKC and case folding; default-ignorable and format characters are removed
   (zero-width spaces, joiners, variation selectors, tags, soft hyphens, bidi controls);
2. a *word* is a longest run of letters, marks and numbers (categories L, M, N);
3. in scripts that write no spaces between words (Han, Hiragana, Katakana, Bopomofo, Yi, Thai, Lao,
   Khmer, Myanmar) each character, with the marks that follow it, is a word of its own;
4. words are joined by one U+0020. Everything else is gone.

A text of such words splits on spaces into exactly what a shingler counts. `forms` does the same to
Arrow strings, compiled.
"""

from __future__ import annotations

import hashlib
import unicodedata
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

#: Default_Ignorable_Code_Point of Unicode that are not of category Cf (DerivedCoreProperties.txt).
_IGNORABLE_RANGES: Final = (
    (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2060, 0x206F),
    (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0xE0000, 0xE0FFF),
)  # fmt: skip
_UNSPACED_RANGES: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3038, 0x303B),  # Han, radicals
    (0x3041, 0x30FF), (0x31F0, 0x31FF), (0x1AFF0, 0x1B16F),  # Hiragana, Katakana
    (0x3100, 0x312F), (0x31A0, 0x31BF),  # Bopomofo
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFD),  # Han
    (0xA000, 0xA4CF),  # Yi
)  # fmt: skip

#: What a code point is to the rule above. Everything that is none of the others separates.
SEPARATOR, WORD, MARK, UNSPACED, HIDDEN = range(5)
_SPACE: Final = np.uint32(0x20)
#: Planes 4 to 13 and the private planes hold no assigned letter, mark or format character.
_ASSIGNED: Final = (*range(0x40000), *range(0xE0000, 0xE1000))

#: ASCII letters to lower case, digits kept, all else a space.
ASCII_WORDS: Final = bytes(
    ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else 32 for code in range(256)
)


def normal_form(text: str) -> str:
    """The words of `text`, joined by single spaces. Idempotent; empty when there is no word."""
    if text.isascii():
        return b" ".join(text.encode().translate(ASCII_WORDS).split()).decode()
    return unicode_normal_form(text)


def unicode_normal_form(text: str) -> str:
    """`normal_form` without the shortcut for ASCII: equal for every text."""
    codes = _code_points(stages(text)[-1])
    found = kinds()[codes]
    codes = np.where(found == SEPARATOR, _SPACE, codes)
    if (found == UNSPACED).any():
        codes = _spaced(codes, found)
    return " ".join(_string(codes).split())


def stages(text: str) -> tuple[str, str, str]:
    """What each NFKC of the rule gives: of the text, of that folded, of that less the hidden."""
    composed = unicodedata.normalize("NFKC", text)
    folded = unicodedata.normalize("NFKC", composed.casefold())
    codes = _code_points(folded)
    hidden = kinds()[codes] == HIDDEN
    if not hidden.any():
        return composed, folded, folded
    # What stood on both sides of a hidden character may now compose.
    return composed, folded, unicodedata.normalize("NFKC", _string(codes[~hidden]))


def content_hash(normal: str) -> bytes:
    """BLAKE2b-128 of a normal form's UTF-8."""
    return hashlib.blake2b(normal.encode(), digest_size=16).digest()


def _code_points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _string(codes: npt.NDArray[np.uint32]) -> str:
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def _spaced(codes: npt.NDArray[np.uint32], found: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """`codes` with a space before each unspaced character and before a word right after one.

    found: the kinds of `codes`.
    """
    places = np.arange(len(codes))
    base = found[np.maximum.accumulate(np.where(found == MARK, 0, places))]
    after_unspaced = np.concatenate(([False], base[:-1] == UNSPACED))
    starts = (found == UNSPACED) | ((found == WORD) & after_unspaced)
    spaced = np.full(len(codes) + int(starts.sum()), _SPACE, dtype=np.uint32)
    spaced[places + np.cumsum(starts)] = codes
    return spaced


@cache
def kinds() -> npt.NDArray[np.uint8]:
    """Kind of each code point, shape [0x110000]. About 60 ms, once per process."""
    table = np.zeros(0x110000, dtype=np.uint8)
    of_category = {"L": WORD, "N": WORD, "M": MARK}
    for code in _ASSIGNED:
        category = unicodedata.category(chr(code))
        table[code] = HIDDEN if category == "Cf" else of_category.get(category[0], SEPARATOR)
    for first, last in _UNSPACED_RANGES:
        block = table[first : last + 1]
        block[block == WORD] = UNSPACED
    for first, last in _IGNORABLE_RANGES:
        table[first : last + 1] = HIDDEN
    return table
