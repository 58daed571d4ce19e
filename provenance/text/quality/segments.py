"""Segments of a text as bounds over its code points, and what is the same in two of them, compiled.

Segments are compared by a polynomial hash modulo 2**64, read from sums over the prefixes of the
text in constant time. Texts can be built to collide in it (Thue-Morse words); such a text spoils
no statistics but its own.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from provenance.text.quality.characters import LINE_BREAK, SPACE

BASE = np.uint64(0x9E3779B97F4A7C15)
MIX = np.uint64(0xBF58476D1CE4E5B9)
LINE_FEED: Final = 10
ELLIPSIS: Final = 0x2026

LONGEST_PHRASE: Final = 16  # a zero ends each phrase


def phrases(texts: tuple[str, ...]) -> npt.NDArray[np.int32]:
    """The texts as rows of code points, zeros after their ends."""
    rows = np.zeros((len(texts), LONGEST_PHRASE), dtype=np.int32)
    for row, text in zip(rows, texts, strict=True):
        row[: len(text)] = [ord(character) for character in text]
    return rows


@njit(cache=True)
def words(classes):  # type: ignore[no-untyped-def]
    """Bounds of the runs without a space."""
    starts = np.empty(len(classes) // 2 + 1, dtype=np.int64)
    ends = np.empty(len(classes) // 2 + 1, dtype=np.int64)
    n, inside = 0, False
    for place in range(len(classes)):
        space = classes[place] & SPACE
        if space and inside:
            ends[n] = place
            n += 1
            inside = False
        elif not space and not inside:
            starts[n] = place
            inside = True
    if inside:
        ends[n] = len(classes)
        n += 1
    return starts[:n], ends[:n]


@njit(cache=True)
def prefix_sums(codes):  # type: ignore[no-untyped-def]
    sums = np.empty(len(codes) + 1, dtype=np.uint64)
    sums[0] = 0
    for i in range(len(codes)):
        sums[i + 1] = sums[i] * BASE + np.uint64(codes[i] + 1)
    return sums


@njit(cache=True, inline="always")
def segment(sums, powers, start, end):  # type: ignore[no-untyped-def]
    """Hash of a segment: never 0, which marks an empty place of a set."""
    value = (sums[end] - sums[start] * powers[end - start]) * MIX
    value ^= value >> np.uint64(29)
    return value | np.uint64(1)


@njit(cache=True)
def table_size(n):  # type: ignore[no-untyped-def]
    """A power of two that leaves a set of `n` values at most half full."""
    size = 16
    while size < 2 * n:
        size *= 2
    return size


@njit(cache=True, inline="always")
def claim(keys, key):  # type: ignore[no-untyped-def]
    """The place of `key` in the set, where it stands or belongs."""
    mask = np.uint64(len(keys) - 1)
    place = (key >> np.uint64(20)) & mask
    while keys[place] != 0 and keys[place] != key:
        place = (place + np.uint64(1)) & mask
    return place


@njit(cache=True)
def duplicates(starts, ends, sums, powers):  # type: ignore[no-untyped-def]
    """How many segments came before, and the characters in them."""
    keys = np.zeros(table_size(len(starts)), dtype=np.uint64)
    elements, characters = 0, 0
    for i in range(len(starts)):
        key = segment(sums, powers, starts[i], ends[i])
        place = claim(keys, key)
        if keys[place] == key:
            elements += 1
            characters += ends[i] - starts[i]
        keys[place] = key
    return elements, characters


@njit(cache=True)
def split_at_runs(codes, start, end, shortest):  # type: ignore[no-untyped-def]
    """Bounds of what stands between runs of at least `shortest` line feeds, empty ends included."""
    starts = np.empty((end - start) // shortest + 2, dtype=np.int64)
    ends = np.empty((end - start) // shortest + 2, dtype=np.int64)
    starts[0], n, place = start, 0, start
    while place < end:
        run = place
        while run < end and codes[run] == LINE_FEED:
            run += 1
        if run - place >= shortest:
            ends[n] = place
            n += 1
            starts[n] = run
        place = max(run, place + 1)
    ends[n] = end
    return starts[: n + 1], ends[: n + 1]


@njit(cache=True)
def split_lines(codes, classes):  # type: ignore[no-untyped-def]
    """Bounds of the lines as `str.splitlines` sees them."""
    starts = np.empty(len(codes) + 1, dtype=np.int64)
    ends = np.empty(len(codes) + 1, dtype=np.int64)
    n, start, place = 0, 0, 0
    while place < len(codes):
        if classes[place] & LINE_BREAK:
            starts[n], ends[n] = start, place
            n += 1
            if codes[place] == 13 and place + 1 < len(codes) and codes[place + 1] == LINE_FEED:
                place += 1
            start = place + 1
        place += 1
    if start < len(codes):
        starts[n], ends[n] = start, len(codes)
        n += 1
    return starts[:n], ends[:n]


@njit(cache=True)
def strip(classes, start, end):  # type: ignore[no-untyped-def]
    """The bounds without the spaces at both ends."""
    while start < end and classes[start] & SPACE:
        start += 1
    while end > start and classes[end - 1] & SPACE:
        end -= 1
    return start, end


@njit(cache=True)
def ends_in_ellipsis(codes, start, end):  # type: ignore[no-untyped-def]
    if end > start and codes[end - 1] == ELLIPSIS:
        return True
    return end - start >= 3 and codes[end - 1] == codes[end - 2] == codes[end - 3] == ord(".")


@njit(cache=True)
def stands_at(codes, place, end, phrase):  # type: ignore[no-untyped-def]
    """Whether the lower-case ASCII phrase stands at `place`, in any case."""
    for i in range(len(phrase)):
        if phrase[i] == 0:
            break
        if place + i >= end:
            return False
        code = codes[place + i]
        if ord("A") <= code <= ord("Z"):
            code += 32
        if code != phrase[i]:
            return False
    return True


@njit(cache=True)
def holds(codes, start, end, phrases):  # type: ignore[no-untyped-def]
    """Whether any of the phrases stands in the segment, in any case."""
    for place in range(start, end):
        code = codes[place] | 32
        for phrase in phrases:
            if code == phrase[0] and stands_at(codes, place, end, phrase):
                return True
    return False
