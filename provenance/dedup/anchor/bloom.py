"""A Bloom filter in blocks of half a cache line: the fast no of an archive.

A key sets one bit in each of the four 64-bit words of one block (after Putze, Sanders and Singler
2007: one memory access per key). A key that was put in is always found; of others about one in a
hundred is, at 12 bits a key.
"""

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

U8 = npt.NDArray[np.uint8]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]


def n_blocks(n_keys: int) -> int:
    """Blocks of a filter for `n_keys` keys, at least one; a block is 32 bytes."""
    return max(1, -(-n_keys * BITS_PER_KEY // (64 * WORDS)))


@njit(cache=True)
def block_of(key, blocks):  # type: ignore[no-untyped-def]
    """The block of a key; ascending keys have ascending blocks."""
    return ((key >> _U(32)) * _U(blocks)) >> _U(32)


@njit(cache=True)
def insert(filter_words: U64, keys: U64) -> None:
    """Put `keys` into the filter `filter_words` [blocks, 4]."""
    for at in range(len(keys)):
        block = block_of(keys[at], len(filter_words))
        bits = (keys[at] & _U(0xFFFFFFFF)) * _MIX
        for word in range(WORDS):
            bits = (bits << _U(6)) | (bits >> _U(58))
            filter_words[block, word] |= _U(1) << (bits & _U(63))


@njit(cache=True)
def in_order(keys: U64, starts: I64) -> I64:
    """The places of `keys` by the part of the filter that they fall in; fills `starts`.

    starts: int64 [parts + 1], zeros, where the places of each part begin.
    """
    parts = len(starts) - 1
    for at in range(len(keys)):
        starts[block_of(keys[at], parts) + _U(1)] += 1
    for part in range(parts):
        starts[part + 1] += starts[part]
    next_place = starts[:-1].copy()
    places = np.empty(len(keys), np.int64)
    for at in range(len(keys)):
        part = block_of(keys[at], parts)
        places[next_place[part]] = at
        next_place[part] += 1
    return places


@njit(cache=True)
def may_hold(filter_words: U64, keys: U64, held: U8) -> None:
    """Set `held` [n], uint8, to whether each of `keys` [n] may be in the filter."""
    for at in range(len(keys)):
        block = block_of(keys[at], len(filter_words))
        bits = (keys[at] & _U(0xFFFFFFFF)) * _MIX
        found = _U(1)
        for word in range(WORDS):
            bits = (bits << _U(6)) | (bits >> _U(58))
            found &= filter_words[block, word] >> (bits & _U(63))
        held[at] = found
