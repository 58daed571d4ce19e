"""Where a page may carry a mark: one compiled pass over its bytes, before anything is parsed.

Nearly all pages carry no mark, and looking for each in turn costs more than all the rest: every
`bytes.find` over a page of 31 kB takes 10 us. Here each needle is known by three of its bytes that
pages hold seldom in a row. Of these three, two stand at an even place, so the pass looks at every
other pair of bytes and compares the needles of that pair. A hit is no mark yet: its reader decides.
A page without hits carries no mark.
"""

# ruff: noqa: PLR0917 (numba compiles no keyword-only parameters)

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from numba import njit

Family = Literal["declared", "generator", "rights", "statement"]

#: Places of one family that are reported; a reader would look at no more.
MAX_PLACES: Final = 16


@dataclass(frozen=True, slots=True)
class Needle:
    """Bytes that a mark of `family` holds, ASCII letters in either case unless `exact`.

    seldom: where its three seldom bytes begin. alone: no ASCII letter, digit, hyphen or underscore
    stands before it, nor a letter or digit behind; the byte behind may be one of the three.
    """

    family: Family
    text: bytes
    seldom: int
    exact: bool = False
    alone: bool = False


NEEDLES: Final = (
    Needle("declared", b"ai-disclosure", 1),
    Needle("declared", b"ai_disclosure", 1),
    Needle("declared", b"ai-generated", 1, alone=True),
    Needle("declared", b"<genai", 0, alone=True),
    Needle("declared", b"digitalSourceType", 6, exact=True),
    Needle("declared", b"aiDisclosure", 0, exact=True),
    Needle("generator", b'"generator"', 0),
    Needle("generator", b"'generator'", 0),
    Needle("generator", b"=generator", 0),
    Needle("rights", b"noai", 1, alone=True),
    Needle("rights", b"tdm-reservation", 0),
    Needle("rights", b"rsl+xml", 2),
    Needle("statement", b"AI", 0, exact=True, alone=True),
    Needle("statement", b"KI", 0, exact=True, alone=True),
    Needle("statement", b"IA", 0, exact=True, alone=True),
    Needle("statement", b"ChatGPT", 4, exact=True),
    Needle("statement", b"artifici", 3),
    Needle("statement", b" Intelligenz", 0, exact=True),
    Needle("statement", "искусственн".encode(), 5, exact=True),
    Needle("statement", "人工智能".encode(), 4, exact=True),
    Needle("statement", "人工知能".encode(), 4, exact=True),
    Needle("statement", "인공지능".encode(), 3, exact=True),
)
_FAMILIES: Final[tuple[Family, ...]] = tuple(dict.fromkeys(n.family for n in NEEDLES))
#: Pairs looked at before the needles of those found are compared.
_BLOCK: Final = 4096

Bool = npt.NDArray[np.bool_]
U8 = npt.NDArray[np.uint8]
I16 = npt.NDArray[np.int16]


@njit(cache=True)
def _is_alone(page, start, stop):  # type: ignore[no-untyped-def]
    """Whether no name goes on before `start`, and no word at `stop`."""
    before = page[start - 1] if start > 0 else np.uint8(32)
    after = page[stop] if stop < len(page) else np.uint8(32)
    is_word_before = 97 <= (before | 32) <= 122 or 48 <= before <= 57
    is_word_after = 97 <= (after | 32) <= 122 or 48 <= after <= 57
    return not (is_word_before or is_word_after or before in (45, 95))


@njit(cache=True)
def _stands(page, start, needle, texts, folds, sizes, alone):  # type: ignore[no-untyped-def]
    """Whether `needle` stands at `start`; letters whose `folds` is 32 in either case."""
    stop = start + sizes[needle]
    if start < 0 or stop > len(page):
        return False
    for back in range(1, sizes[needle] + 1):  # the beginning is what brought us here
        i = sizes[needle] - back
        if page[start + i] | folds[needle, i] != texts[needle, i]:
            return False
    return not alone[needle] or _is_alone(page, start, stop)


@njit(cache=True)
def _hits(pairs, begins, hits):  # type: ignore[no-untyped-def]
    """Fill `hits` with the places of `pairs` that hold a pair of some needle.

    Returns how many. Without a branch, since one in a hundred is a hit: a wrong guess of the
    processor costs as much as ten places.
    """
    n_hits = np.uintp(0)  # unsigned, or each access would be checked for negative places
    for place in range(len(pairs)):
        hits[n_hits] = place
        n_hits += np.uintp(begins[pairs[np.uintp(place)]])
    return np.intp(n_hits)


@njit(cache=True)
def _search(  # type: ignore[no-untyped-def]
    page, pairs, begins, by_pair, entries, texts, folds, sizes, alone, families, counts, places
):
    """Fill `places[family]` with where needles stand, `counts[family]` with how many."""
    hits = np.empty(_BLOCK, np.int32)
    for start in range(0, len(pairs), _BLOCK):
        for hit in hits[: _hits(pairs[start : start + _BLOCK], begins, hits)]:
            half = start + hit
            entry = by_pair[pairs[half]]
            while entry >= 0:
                needle, begin = entries[entry, 0], 2 * half - entries[entry, 1]
                family = families[needle]
                if counts[family] < places.shape[1] and _stands(
                    page, begin, needle, texts, folds, sizes, alone
                ):
                    places[family, counts[family]] = begin
                    counts[family] += 1
                entry = entries[entry, 2]


def _is_letter(byte: int) -> bool:
    return bytes([byte]).isalpha()


def _variants(needle: Needle, at: int) -> set[int]:
    """The bytes that may stand at place `at` of the needle, or right behind it."""
    if at == len(needle.text):
        return {byte for byte in range(256) if not bytes([byte]).isalnum()}
    byte = needle.text[at]
    return {byte} if needle.exact or not _is_letter(byte) else {byte | 32, byte & ~32}


def _pair_tables() -> tuple[Bool, I16, I16]:
    """Whether some needle has the pair, bool [65536]; its first entry, [65536]; and the entries,
    [n, 3]: needle, where in it the pair stands, next entry. -1 = none."""
    begins = np.zeros(2**16, np.bool_)
    by_pair = np.full(2**16, -1, np.int16)
    entries: list[tuple[int, int, int]] = []
    for index, needle in enumerate(NEEDLES):
        for at in (needle.seldom, needle.seldom + 1):
            for two in itertools.product(_variants(needle, at), _variants(needle, at + 1)):
                pair = int(np.frombuffer(bytes(two), np.uint16)[0])
                begins[pair] = True
                entries.append((index, at, int(by_pair[pair])))
                by_pair[pair] = len(entries) - 1
    return begins, by_pair, np.array(entries, np.int16)


def _padded(rows: list[bytes]) -> U8:
    table = np.zeros((len(rows), max(map(len, rows))), np.uint8)
    for place, row in enumerate(rows):
        table[place, : len(row)] = list(row)
    return table


def _folds(needle: Needle) -> bytes:
    """32 at each letter that may stand in either case, else 0."""
    return bytes(32 if not needle.exact and _is_letter(byte) else 0 for byte in needle.text)


_TABLES: Final = (
    *_pair_tables(),
    _padded([n.text if n.exact else n.text.lower() for n in NEEDLES]),
    _padded([_folds(needle) for needle in NEEDLES]),
    np.array([len(needle.text) for needle in NEEDLES], np.int32),
    np.array([needle.alone for needle in NEEDLES], np.bool_),
    np.array([_FAMILIES.index(needle.family) for needle in NEEDLES], np.int32),
)


def candidates(page: bytes) -> dict[Family, list[int]]:
    """Where needles of each family stand, the first MAX_PLACES, in about ascending order.

    Families without any are left out. page: in UTF-8.
    """
    counts = np.zeros(len(_FAMILIES), np.int32)
    places = np.empty((len(_FAMILIES), MAX_PLACES), np.int32)
    pairs = np.frombuffer(page, np.uint16, len(page) // 2)
    _search(np.frombuffer(page, np.uint8), pairs, *_TABLES, counts, places)
    if not counts.any():
        return {}
    return {
        family: places[i, : counts[i]].tolist() for i, family in enumerate(_FAMILIES) if counts[i]
    }
