"""The named features of style, compiled. Definitions and names: `detectors.stylometry.features`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detectors.kernels.tokens import WORD, Bytes, Tokens, token_hash
from detectors.stylometry.features import (
    FIRST_PERSON,
    FUNCTION_WORDS,
    LONG_WORD_CHARACTERS,
    NAMES,
    REUSE_WORDS,
    SECOND_PERSON,
    WINDOW_WORDS,
)

Hashes: TypeAlias = NDArray[np.uint64]
Row: TypeAlias = NDArray[np.float64]

N_FEATURES: Final = len(NAMES)
_TABLE_BITS: Final = 12


def _hash(form: bytes) -> int:
    return int(token_hash(np.frombuffer(form, np.uint8), 0, len(form)))


def _membership() -> tuple[Hashes, Bytes]:
    """An open-addressed table of listed words: their hashes, and one bit per list they are in."""
    keys = np.zeros(1 << _TABLE_BITS, np.uint64)
    lists = np.zeros(1 << _TABLE_BITS, np.uint8)
    groups: Sequence[Sequence[bytes]] = (FUNCTION_WORDS, FIRST_PERSON, SECOND_PERSON, (b"0",))
    for bit, group in enumerate(groups):
        for form in group:
            place = _hash(form) % len(keys)
            while keys[place] not in (0, _hash(form)):
                place = (place + 1) % len(keys)
            keys[place] = _hash(form)
            lists[place] |= 1 << bit
    return keys, lists


_KEYS, _LISTS = _membership()
_MARKS: Final = np.array([_hash(mark) for mark in (b",", b"?", b"!", b":", b";", b"(", b"-", b"'")])
_AND: Final = np.uint64(_hash(b"and"))
_COMMA: Final = np.uint64(_hash(b","))
_ENDS: Final = np.array([_hash(mark) for mark in (b".", b"?", b"!")])


@njit(cache=True, nogil=True)
def listed(key: np.uint64) -> int:
    """Bits of the word lists that hold the hashed word."""
    place = np.int64(key & np.uint64(len(_KEYS) - 1))
    while _KEYS[place] != 0:
        if _KEYS[place] == key:
            return int(_LISTS[place])
        place = (place + 1) & (len(_KEYS) - 1)
    return 0


@njit(cache=True, nogil=True)
def n_characters(data: Bytes, begin: int, end: int) -> int:
    """Characters of UTF-8 bytes: all but the continuation bytes."""
    n = 0
    for at in range(begin, end):
        n += (data[at] & 0xC0) != 0x80
    return n


@njit(cache=True, nogil=True)
def is_sentence_end(tokens: Tokens, i: int) -> bool:
    """Whether token i is a mark that ends a sentence."""
    key = tokens.hashes[i]
    return tokens.kinds[i] != WORD and (key == _ENDS[0] or key == _ENDS[1] or key == _ENDS[2])


@njit(cache=True, nogil=True)
def word_hashes(tokens: Tokens, count: int, out: Hashes) -> int:
    """Number of words; their hashes are written to `out`."""
    n = 0
    for i in range(count):
        if tokens.kinds[i] == WORD:
            out[n] = tokens.hashes[i]
            n += 1
    return n


@njit(cache=True, nogil=True)
def measure_lists(words: Hashes, n_words: int, row: Row) -> None:
    """Shares of listed words -> row[0:3], of numbers -> row[20]."""
    for i in range(n_words):
        lists = listed(words[i])
        if lists:
            row[0] += (lists & 1) != 0
            row[1] += (lists & 2) != 0
            row[2] += (lists & 4) != 0
            row[20] += (lists & 8) != 0
    for k in (0, 1, 2, 20):
        row[k] /= n_words


@njit(cache=True, nogil=True)
def measure_lengths(data: Bytes, tokens: Tokens, count: int, n_words: int, row: Row) -> None:
    """Mean and deviation of word length, share of long words -> row[3:6]; variance is centred."""
    for i in range(count):
        if tokens.kinds[i] == WORD:
            length = n_characters(data, tokens.starts[i], tokens.ends[i])
            row[3] += length
            row[5] += length >= LONG_WORD_CHARACTERS
    row[3] /= n_words
    row[5] /= n_words
    for i in range(count):
        if tokens.kinds[i] == WORD:
            row[4] += (n_characters(data, tokens.starts[i], tokens.ends[i]) - row[3]) ** 2
    row[4] = np.sqrt(row[4] / n_words)


@njit(cache=True, nogil=True)
def sentence_lengths(tokens: Tokens, count: int, out: NDArray[np.int64]) -> int:
    """Number of sentences; their lengths in words are written to `out`."""
    n, words = 0, 0
    for i in range(count):
        if tokens.kinds[i] == WORD:
            words += 1
        elif words and is_sentence_end(tokens, i):
            out[n] = words
            n, words = n + 1, 0
    if words:
        out[n] = words
        n += 1
    return n


@njit(cache=True, nogil=True)
def measure_sentences(tokens: Tokens, count: int, n_words: int, row: Row) -> None:
    """Length of sentences, its variation -> row[6:8]; `starts` is overwritten as scratch."""
    n = sentence_lengths(tokens, count, tokens.starts)
    mean = n_words / n
    square = 0.0
    for i in range(n):
        square += (tokens.starts[i] - mean) ** 2
    row[6] = np.log1p(mean)
    row[7] = np.sqrt(square / n) / mean


@njit(cache=True, nogil=True)
def n_distinct(values: Hashes, begin: int, end: int) -> int:
    """Distinct values of a short stretch, by comparing each with those before it."""
    n = 0
    for i in range(begin, end):
        n += not occurs(values, begin, i, values[i])
    return n


@njit(cache=True, nogil=True)
def occurs(values: Hashes, begin: int, end: int, key: np.uint64) -> bool:
    """Whether values[begin:end] holds `key`."""
    for i in range(begin, end):  # noqa: SIM110 (numba compiles no generator)
        if values[i] == key:
            return True
    return False


@njit(cache=True, nogil=True)
def measure_openings(tokens: Tokens, count: int, openings: Hashes, row: Row) -> None:
    """Variety of the words that open sentences -> row[8]."""
    n = 0
    is_open = True
    for i in range(count):
        if tokens.kinds[i] == WORD and is_open:
            openings[n] = tokens.hashes[i]
            n += 1
            is_open = False
        elif is_sentence_end(tokens, i):
            is_open = True
    row[8] = n_distinct(openings, 0, n) / np.sqrt(n)


@njit(cache=True, nogil=True)
def measure_variety(words: Hashes, n_words: int, row: Row) -> None:
    """Distinct words of a window, words said a moment ago -> row[9:11]."""
    n_windows = n_words // WINDOW_WORDS
    for k in range(n_windows):
        row[9] += n_distinct(words, k * WINDOW_WORDS, (k + 1) * WINDOW_WORDS)
    row[9] /= max(1, n_windows * WINDOW_WORDS)
    for i in range(n_words):
        row[10] += occurs(words, max(0, i - REUSE_WORDS), i, words[i])
    row[10] /= n_words


@njit(cache=True, nogil=True)
def measure_marks(tokens: Tokens, count: int, n_words: int, row: Row) -> None:
    """Marks per word -> row[11:20]."""
    for i in range(count):
        if tokens.kinds[i] == WORD:
            row[11] += i > 0 and tokens.hashes[i] == _AND and tokens.hashes[i - 1] == _COMMA
        else:
            for k in range(len(_MARKS)):
                row[12 + k] += tokens.hashes[i] == _MARKS[k]
    for k in range(11, 20):
        row[k] /= n_words


@njit(cache=True, nogil=True)
def measure_style(data: Bytes, tokens: Tokens, count: int, words: Hashes, row: Row) -> int:
    """Number of words; the features are written to `row`, float64 [N_FEATURES], zero if no word.

    words: uint64 scratch of at least `count` places. `tokens.starts` is destroyed.
    """
    row[:] = 0.0
    n_words = word_hashes(tokens, count, words)
    if n_words == 0:
        return 0
    measure_lists(words, n_words, row)
    measure_lengths(data, tokens, count, n_words, row)
    measure_variety(words, n_words, row)
    measure_marks(tokens, count, n_words, row)
    measure_openings(tokens, count, words, row)
    measure_sentences(tokens, count, n_words, row)
    return n_words
