"""Variety and repetition of words, compiled. Definitions: `detectors.stylometry.variety`."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detectors.kernels.tables import Counts, Hashes, begin, place_of
from detectors.kernels.tokens import mix
from detectors.stylometry.variety import HAPAX_WORDS, LONGEST_MTLD, MTLD_RATIO, PHRASE_WORDS

Row: TypeAlias = NDArray[np.float64]


@njit(cache=True, nogil=True)
def factors(hashes: Hashes, n: int, step: int, counts: Counts) -> float:
    """Factors of MTLD, read forwards (step 1) or backwards (step -1)."""
    found, n_types, n_tokens = 0.0, 0, 0
    begin(counts)
    for k in range(n):
        place = place_of(counts, hashes[k if step > 0 else n - 1 - k])
        n_types += counts.values[place] == 0
        counts.values[place] += 1
        n_tokens += 1
        if n_types / n_tokens < MTLD_RATIO:
            found, n_types, n_tokens = found + 1.0, 0, 0
            begin(counts)
    return found if n_tokens == 0 else found + (1.0 - n_types / n_tokens) / (1.0 - MTLD_RATIO)


@njit(cache=True, nogil=True)
def mtld(hashes: Hashes, n: int, counts: Counts) -> float:
    """MTLD in words, at most LONGEST_MTLD."""
    forwards, backwards = factors(hashes, n, 1, counts), factors(hashes, n, -1, counts)
    if forwards == 0.0 or backwards == 0.0:
        return LONGEST_MTLD
    return min(LONGEST_MTLD, (n / forwards + n / backwards) / 2)


@njit(cache=True, nogil=True)
def hapaxes(hashes: Hashes, n: int, counts: Counts) -> float:
    """Share of words that occur once in windows of HAPAX_WORDS words."""
    n_windows, size = max(1, n // HAPAX_WORDS), min(n, HAPAX_WORDS)
    once = 0
    for window in range(n_windows):
        begin(counts)
        for k in range(window * size, (window + 1) * size):
            place = place_of(counts, hashes[k])
            counts.values[place] += 1
            once += (counts.values[place] == 1) - (counts.values[place] == 2)
    return once / (n_windows * size)


@njit(cache=True, nogil=True)
def yule(hashes: Hashes, n: int, counts: Counts) -> float:
    """Yule's K: a word's count c adds 2c - 1 to the sum of squares as it is met."""
    begin(counts)
    squares = 0
    for k in range(n):
        place = place_of(counts, hashes[k])
        counts.values[place] += 1
        squares += 2 * counts.values[place] - 1
    return 1e4 * (squares - n) / (float(n) * n)


@njit(cache=True, nogil=True)
def repeated(hashes: Hashes, n: int, size: int, counts: Counts) -> float:
    """Share of phrases of `size` words said before within the last PHRASE_WORDS words."""
    begin(counts)
    n_phrases, hits = n - size + 1, 0
    for i in range(n_phrases):
        key = np.uint64(0)
        for k in range(i, i + size):
            key = mix(key ^ hashes[k])
        place = place_of(counts, key)
        hits += counts.values[place] > 0 and i + 1 - counts.values[place] <= PHRASE_WORDS
        counts.values[place] = i + 1
    return hits / n_phrases if n_phrases > 0 else 0.0


@njit(cache=True, nogil=True)
def measure_variety(hashes: Hashes, n: int, counts: Counts, row: Row) -> None:
    """The features of `variety.VARIETY` -> row[0:6]."""
    row[0] = np.log1p(mtld(hashes, n, counts))
    row[1] = hapaxes(hashes, n, counts)
    row[2] = np.log1p(yule(hashes, n, counts))
    row[3] = repeated(hashes, n, 2, counts)
    row[4] = repeated(hashes, n, 3, counts)
    for k in range(1, n):
        row[5] += hashes[k] == hashes[k - 1]
    row[5] /= n
