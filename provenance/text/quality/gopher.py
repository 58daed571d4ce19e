"""The statistics of Gopher's rules, compiled."""

# ruff: noqa: PLR0917 (numba compiles no keyword-only parameters)

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from provenance.text.quality.characters import ALPHABETIC, SYMBOL
from provenance.text.quality.segments import (
    ELLIPSIS,
    MIX,
    claim,
    duplicates,
    ends_in_ellipsis,
    phrases,
    prefix_sums,
    segment,
    split_at_runs,
    split_lines,
    strip,
    table_size,
)  # fmt: skip

_BULLET: Final = 0x2022
_STOP_PHRASES = phrases(("the", "be", "to", "of", "and", "that", "have", "with"))


@njit(cache=True)
def measure_words(codes, classes, starts, ends, row):  # type: ignore[no-untyped-def]
    """The four statistics of Gopher on words, its ellipses and its stop words."""
    n_words, n_characters, n_alphabetic = 0, 0, 0
    found = np.zeros(len(_STOP_PHRASES), dtype=np.bool_)
    for i in range(len(starts)):
        alphabetic, proper = False, False
        for place in range(starts[i], ends[i]):
            alphabetic |= (classes[place] & ALPHABETIC) != 0
            proper |= (classes[place] & SYMBOL) == 0
        n_alphabetic += alphabetic
        if proper:
            n_words += 1
            n_characters += ends[i] - starts[i]
        mark_stop_word(codes, starts[i], ends[i], found)
    row[0] = n_words
    row[1] = n_characters / n_words if n_words else 0.0
    row[2] = np.sum(codes == ord("#")) / len(starts)
    row[3] = count_ellipses(codes) / len(starts)
    row[6] = n_alphabetic / len(starts)
    row[7] = np.sum(found)


@njit(cache=True)
def mark_stop_word(codes, start, end, found):  # type: ignore[no-untyped-def]
    """Mark the stop word that the word is; case counts."""
    if end - start > 4:
        return
    for number in range(len(_STOP_PHRASES)):
        phrase = _STOP_PHRASES[number]
        same = phrase[end - start] == 0
        for i in range(end - start):
            same &= codes[start + i] == phrase[i]
        found[number] |= same


@njit(cache=True)
def count_ellipses(codes):  # type: ignore[no-untyped-def]
    """Occurrences of '...' that do not overlap, and of '…'."""
    count, dots = 0, 0
    for code in codes:
        dots = dots + 1 if code == ord(".") else 0
        if dots == 3:
            count += 1
            dots = 0
        count += code == ELLIPSIS
    return count


@njit(cache=True)
def measure_lines(codes, classes, row):  # type: ignore[no-untyped-def]
    """Shares of lines that begin with a bullet, and that end in an ellipsis (Gopher)."""
    starts, ends = split_lines(codes, classes)
    bullets, ellipses = 0, 0
    for i in range(len(starts)):
        start, end = strip(classes, starts[i], ends[i])
        if start < end:
            bullets += codes[start] == _BULLET or codes[start] == ord("-")
            ellipses += ends_in_ellipsis(codes, start, end)
    row[0] = bullets / len(starts)
    row[1] = ellipses / len(starts)


@njit(cache=True)
def measure_duplicates(codes, classes, sums, powers, row):  # type: ignore[no-untyped-def]
    starts, ends = split_at_runs(codes, 0, len(codes), 1)
    elements, characters = duplicates(starts, ends, sums, powers)
    row[0] = elements / len(starts)
    row[1] = characters / len(codes)
    start, end = strip(classes, 0, len(codes))
    starts, ends = split_at_runs(codes, start, end, 2)
    elements, characters = duplicates(starts, ends, sums, powers)
    row[2] = elements / len(starts)
    row[3] = characters / len(codes)


@njit(cache=True)
def measure_ngrams(codes, starts, ends, sums, powers, row):  # type: ignore[no-untyped-def]
    joined, bounds = join_words(codes, starts, ends)
    joined_sums = prefix_sums(joined)
    keys = np.empty(table_size(len(starts)), dtype=np.uint64)
    counts = np.empty((len(keys), 2), dtype=np.int64)
    for n in range(2, 5):
        row[n - 2] = top_ngram(starts, ends, sums, powers, n, keys, counts) / len(codes)
    for n in range(5, 11):
        row[n - 2] = duplicate_ngrams(bounds, joined_sums, powers, n, keys) / len(codes)


@njit(cache=True)
def join_words(codes, starts, ends):  # type: ignore[no-untyped-def]
    """The words without anything between them, and the n + 1 bounds."""
    joined = np.empty(len(codes), dtype=np.int32)
    bounds = np.zeros(len(starts) + 1, dtype=np.int64)
    for i in range(len(starts)):
        bounds[i + 1] = bounds[i] + ends[i] - starts[i]
        joined[bounds[i] : bounds[i + 1]] = codes[starts[i] : ends[i]]
    return joined[: bounds[-1]], bounds


@njit(cache=True)
def top_ngram(starts, ends, sums, powers, n, keys, counts):  # type: ignore[no-untyped-def]
    """Characters, spaces included, in all occurrences of the most frequent n-gram.

    Of several equally frequent ones the first counts. counts: of each place of the set, how often
    and where first.
    """
    keys[:] = 0
    n_ngrams = len(starts) - n + 1
    for i in range(n_ngrams):
        key = np.uint64(n)
        for word in range(i, i + n):
            key = (key ^ segment(sums, powers, starts[word], ends[word])) * MIX
            key ^= key >> np.uint64(31)
        key |= np.uint64(1)
        place = claim(keys, key)
        if keys[place] == 0:
            keys[place] = key
            counts[place, 0], counts[place, 1] = 0, i
        counts[place, 0] += 1
    best, first = 0, 0
    for place in range(len(keys)):
        if keys[place] != 0:
            often, where = counts[place]
            if often > best or (often == best and where < first):
                best, first = often, where
    length = n - 1
    for word in range(first, min(first + n, len(starts))):
        length += ends[word] - starts[word]
    return best * length


@njit(cache=True)
def duplicate_ngrams(bounds, sums, powers, n, keys):  # type: ignore[no-untyped-def]
    """Characters, spaces left out, in n-grams that came before; these do not overlap."""
    keys[:] = 0
    characters, i = 0, 0
    while i + n < len(bounds):
        key = segment(sums, powers, bounds[i], bounds[i + n])
        place = claim(keys, key)
        if keys[place] == key:
            characters += bounds[i + n] - bounds[i]
            i += n
        else:
            keys[place] = key
            i += 1
    return characters
