"""Tokens of a document as rows of embedding tables. Compiled; the twin is `reference_encoder`.

A token has three rows: its word, if the vocabulary holds its hash, and its first and its last
bytes. A word that is misspelt, rare or new keeps the last two.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detectors.kernels.documents import LIMIT_BYTES
from detectors.kernels.tokens import (
    WORD,
    Bytes,
    Tokens,
    canonical_byte,
    empty_tokens,
    mix,
    tokenize,
)

UNKNOWN: Final = 0  # the row of words that are not in the vocabulary
N_AFFIXES: Final = 1 << 12  # rows for beginnings, and as many for endings
AFFIX_BYTES: Final = 3

Rows: TypeAlias = NDArray[np.int32]


@njit(cache=True, nogil=True)
def beginning(data: Bytes, begin: int, end: int) -> int:
    """Row of a token's first canonical bytes, in [0, N_AFFIXES)."""
    key, taken = np.uint64(1), 0
    for at in range(begin, end):
        byte = canonical_byte(data, at, begin)
        if byte >= 0:
            key = (key << np.uint64(8)) | np.uint64(byte)
            taken += 1
            if taken == AFFIX_BYTES:
                break
    return int(mix(key) & np.uint64(N_AFFIXES - 1))


@njit(cache=True, nogil=True)
def ending(data: Bytes, begin: int, end: int) -> int:
    """Row of a token's last canonical bytes, in [N_AFFIXES, 2 * N_AFFIXES)."""
    key, taken = np.uint64(2), 0
    for at in range(end - 1, begin - 1, -1):
        byte = canonical_byte(data, at, begin)
        if byte >= 0:
            key = (key << np.uint64(8)) | np.uint64(byte)
            taken += 1
            if taken == AFFIX_BYTES:
                break
    return N_AFFIXES + int(mix(key) & np.uint64(N_AFFIXES - 1))


@njit(cache=True, nogil=True)
def _word_row(vocabulary: NDArray[np.uint64], key: np.uint64) -> int:
    at = int(np.searchsorted(vocabulary, key))
    return at + 1 if at < len(vocabulary) and vocabulary[at] == key else UNKNOWN


@njit(cache=True, nogil=True)
def _fill(
    data: Bytes, tokens: Tokens, count: int, vocabulary: NDArray[np.uint64], rows: Rows
) -> int:
    n_words = 0
    for i in range(count):
        n_words += tokens.kinds[i] == WORD
        rows[i, 0] = _word_row(vocabulary, tokens.hashes[i])
        rows[i, 1] = beginning(data, tokens.starts[i], tokens.ends[i])
        rows[i, 2] = ending(data, tokens.starts[i], tokens.ends[i])
    return n_words


class Reader:
    """Reads documents over one vocabulary. Holds scratch memory: one thread at a time."""

    def __init__(self, vocabulary: NDArray[np.uint64]) -> None:
        """vocabulary: hashes of words, ascending; the word of hash i has row i + 1."""
        self.vocabulary = vocabulary
        self._tokens = empty_tokens(LIMIT_BYTES)

    def tokens(self, form: bytes) -> Tokens:
        """The tokens of a scored form of at most LIMIT_BYTES; memory is of this reader."""
        count = tokenize(np.frombuffer(form, np.uint8), 0, len(form), self._tokens)
        starts, ends, kinds, hashes = self._tokens
        return Tokens(starts[:count], ends[:count], kinds[:count], hashes[:count])

    def rows(self, form: bytes) -> tuple[Rows, int]:
        """Rows of every token, int32 [n, 3]: word, beginning, ending; and how many are words."""
        data = np.frombuffer(form, np.uint8)
        count = tokenize(data, 0, len(data), self._tokens)
        rows = np.empty((count, 3), np.int32)
        return rows, int(_fill(data, self._tokens, count, self.vocabulary, rows))
