"""A Bloom filter in blocks of half a cache line: the fast no of an archive.

A key sets one bit in each of the four 64-bit words of one block (after Putze, Sanders and Singler
2007: one memory access per key). A key that was put in is always found; of others about one in a
hundred is, at 12 bits a key.
"""

# ruff: noqa: PLR0917 (numba compiles no keyword-only parameters)

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

BITS_PER_KEY = 12
WORDS = 4

#: Share of the keys never put in that are found all the same, at most (measured; a test holds it).
FALSE_POSITIVE_RATE = 0.01

_U = np.uint64
#: An odd multiplier: 2**64 over the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
_MIX = np.uint64(0x9E3779B97F4A7C15)
#: Keys whose first bits are asked for before the others of any.
_AT_ONCE = 256

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]


def n_blocks(n_keys: int) -> int:
    """Blocks of a filter for `n_keys` keys, at least one; a block is 32 bytes."""
    return max(1, -(-n_keys * BITS_PER_KEY // (64 * WORDS)))


@njit(cache=True)
def block_of(key, blocks):  # type: ignore[no-untyped-def]
    """The block of a key; ascending keys have ascending blocks."""
    return ((key >> _U(32)) * _U(blocks)) >> _U(32)


@njit(cache=True, inline="always")
def _rotated(bits):  # type: ignore[no-untyped-def]
    return (bits << _U(6)) | (bits >> _U(58))


@njit(cache=True, inline="always")
def _bit(word, bits):  # type: ignore[no-untyped-def]
    return (word >> (bits & _U(63))) & _U(1)


@njit(cache=True)
def insert(filter_words: U64, keys: U64) -> None:
    """Put `keys` into the filter `filter_words` [blocks, 4]."""
    for at in range(len(keys)):
        block = block_of(keys[at], len(filter_words))
        bits = (keys[at] & _U(0xFFFFFFFF)) * _MIX
        for word in range(WORDS):
            bits = _rotated(bits)
            filter_words[block, word] |= _U(1) << (bits & _U(63))


@njit(cache=True)
def count_parts(keys: U64, n_keys: I64) -> None:
    """Add to `n_keys` [parts], int64, how many of `keys` fall in each part of a filter."""
    for key in keys:
        n_keys[block_of(key, len(n_keys))] += 1


@njit(cache=True)
def distribute(keys: U64, first: int, ends: I64, steps: I64, ordered: U64, places: U32) -> None:
    """Put the keys into `ordered`, and their places, from `first` on, into `places`, by part.

    ends: int64 [parts], where the next key of each part goes; moved on by `steps` [parts]: 1, or 0
    where a part is not wanted and all its keys may go to one place (a branch would cost more).
    """
    for at in range(len(keys)):
        part = block_of(keys[at], len(ends))
        ordered[ends[part]], places[ends[part]] = keys[at], first + at
        ends[part] += steps[part]


@njit(cache=True)
def sift(filter_words, keys, places):  # type: ignore[no-untyped-def]
    """Move the keys that may be in the filter, with their places, to the front; how many.

    keys: uint64 [n]. places: uint32 [n].

    Most keys fail at their first bit. Asking that one of many keys, before the others of the few
    that are left, keeps more reads of memory on their way at once.
    """
    left = np.empty(_AT_ONCE, np.int64)
    n_held = np.int64(0)
    for first in range(0, len(keys), _AT_ONCE):
        n_left = np.int64(0)
        for at in range(first, min(first + _AT_ONCE, len(keys))):
            bits = _rotated((keys[at] & _U(0xFFFFFFFF)) * _MIX)
            left[n_left] = at
            n_left += np.int64(_bit(filter_words[block_of(keys[at], len(filter_words)), 0], bits))
        for at in left[:n_left]:
            block = block_of(keys[at], len(filter_words))
            bits = (keys[at] & _U(0xFFFFFFFF)) * _MIX
            found = _U(1)
            for word in range(WORDS):
                bits = _rotated(bits)
                found &= _bit(filter_words[block, word], bits)
            keys[n_held], places[n_held] = keys[at], places[at]
            n_held += np.int64(found)
    return n_held
