"""Hashed word and character n-grams of one document: bucket numbers and weights.

Weights of a family (words, characters) are 1 + ln(count), scaled to unit Euclidean length, so that
a document's length enters a linear score only through how much evidence it gathers.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detectors.kernels.tokens import Bytes, mix

N_BUCKETS: Final = 1 << 18
WORD_SIZES: Final = (1, 2)
CHARACTER_SIZE: Final = 5  # bytes; at most 8, so that one fits a register
_CHARACTER_FAMILY: Final = 16
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)

Buckets: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float32]


class Tally(NamedTuple):
    """Counts per bucket, uint16 [N_BUCKETS], zero between uses; the buckets that are not, int32."""

    counts: NDArray[np.uint16]
    touched: Buckets


@njit(cache=True, nogil=True)
def bucket(key: np.uint64, family: int) -> int:
    """The bucket of a key, int in [0, N_BUCKETS); families are hashed apart."""
    return int(mix(key ^ (np.uint64(family) * _GOLDEN)) & np.uint64(N_BUCKETS - 1))


@njit(cache=True, nogil=True)
def add(tally: Tally, n_touched: int, place: int) -> int:
    """Number of buckets touched after one more count in bucket `place`."""
    if tally.counts[place] == 0:
        tally.touched[n_touched] = place
        n_touched += 1
    tally.counts[place] += 1
    return n_touched


@njit(cache=True, nogil=True)
def count_words(hashes: NDArray[np.uint64], count: int, size: int, tally: Tally, n: int) -> int:
    """Number of buckets touched, after `n` before, by the n-grams of `size` tokens."""
    for i in range(count - size + 1):
        key = np.uint64(0)
        for j in range(size):
            key = mix(key ^ hashes[i + j])
        n = add(tally, n, bucket(key, size))
    return n


@njit(cache=True, nogil=True)
def count_characters(form: Bytes, length: int, tally: Tally) -> int:
    """Number of buckets touched by the n-grams of CHARACTER_SIZE bytes, across word bounds."""
    mask = np.uint64((1 << (8 * CHARACTER_SIZE)) - 1)
    key = np.uint64(0)
    n = 0
    for i in range(length):
        key = ((key << np.uint64(8)) | np.uint64(form[i])) & mask
        if i >= CHARACTER_SIZE - 1:
            n = add(tally, n, bucket(key, _CHARACTER_FAMILY))
    return n


@njit(cache=True, nogil=True)
def take_weights(tally: Tally, n: int, log_table: Floats, out: Floats) -> None:
    """Write the unit-length weights of the touched buckets to `out`; set their counts to zero."""
    square = 0.0
    for i in range(n):
        weight = log_table[tally.counts[tally.touched[i]]]
        out[i] = weight
        square += weight * weight
        tally.counts[tally.touched[i]] = 0
    scale = np.float32(1.0 / np.sqrt(square)) if n else np.float32(0.0)
    for i in range(n):
        out[i] *= scale


def log_table(limit: int) -> NDArray[np.float32]:
    """1 + ln(count) for count = 0 .. limit, float32; 0 for a count of 0."""
    counts = np.arange(limit + 1, dtype=np.float64)
    counts[1:] = 1.0 + np.log(counts[1:])
    return counts.astype(np.float32)
