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

from provenance.dedup.prefetch import prefetch

BITS_PER_KEY = 12
WORDS = 4

#: Share of the keys never put in that are found all the same, at most (measured; a test holds it).
FALSE_POSITIVE_RATE = 0.01

_U = np.uint64
#: An odd multiplier: 2**64 over the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
_MIX = np.uint64(0x9E3779B97F4A7C15)
#: Keys whose first two words are asked for before the others of any: fewer branches go wrong.
_AT_ONCE = 256
#: How many keys before its turn the block of a key is sent for.
_AHEAD = 48

#: Keys are asked for by part of the filter: those that begin with the same bits.
_PART_BITS = 9
PARTS = 1 << _PART_BITS
#: An entry is a key on its way to the filter: the rest of its upper half, where its bits are in the
#: first two words, and its place among all that are asked for, of which there are fewer than this.
_PLACE_BITS = 29
MAX_KEYS = 1 << _PLACE_BITS
_REST_BITS = 32 - _PART_BITS

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
def _bits(key):  # type: ignore[no-untyped-def]
    """Six bits for each word, from the uppermost on: where the key's bit is in it."""
    return (key & _U(0xFFFFFFFF)) * _MIX


@njit(cache=True, inline="always")
def _bit(word, bits, at):  # type: ignore[no-untyped-def]
    return (word >> ((bits >> _U(at)) & _U(63))) & _U(1)


@njit(cache=True)
def insert(filter_words: U64, keys: U64) -> None:
    """Put `keys` into the filter `filter_words` [blocks, 4]."""
    for at in range(len(keys)):
        block, bits = block_of(keys[at], len(filter_words)), _bits(keys[at])
        for word in range(WORDS):
            filter_words[block, word] |= _U(1) << ((bits >> _U(58 - 6 * word)) & _U(63))


@njit(cache=True)
def _may_hold(filter_words, key):  # type: ignore[no-untyped-def]
    block, bits = block_of(key, len(filter_words)), _bits(key)
    found = _U(1)
    for word in range(WORDS):
        found &= _bit(filter_words[block, word], bits, 58 - 6 * word)
    return found


@njit(cache=True)
def count_parts(keys: U64, n_keys: I64) -> None:
    """Add to `n_keys` [PARTS], int64, how many of `keys` fall in each part of a filter."""
    for key in keys:
        n_keys[key >> _U(64 - _PART_BITS)] += 1


@njit(cache=True)
def distribute(keys: U64, first: int, ends: I64, steps: I64, entries: U64) -> None:
    """Put the entries of the keys, whose places count from `first`, into `entries` by part.

    ends: int64 [PARTS], where the next of each part goes; moved on by `steps` [PARTS]: 1, or 0
    where a part is not wanted and all its keys may go to one place (a branch would cost more).
    """
    for at in range(len(keys)):
        key = keys[at]
        part = key >> _U(64 - _PART_BITS)
        upper = (key << _U(_PART_BITS)) >> _U(64 - _REST_BITS) << _U(64 - _REST_BITS)
        bits = _bits(key) >> _U(52) << _U(_PLACE_BITS)
        entries[ends[part]] = upper | bits | _U(first + at)
        ends[part] += steps[part]


@njit(cache=True, inline="always")
def _entry_block(entry, prefix, blocks):  # type: ignore[no-untyped-def]
    return ((prefix | (entry >> _U(64 - _REST_BITS))) * _U(blocks)) >> _U(32)


@njit(cache=True)
def sift(filter_words, part, starts, entries, keys, more):  # type: ignore[no-untyped-def]
    """Put the places of what may be in the filter where its entries begin; how many there are.

    starts: int64 [parts + 1], where the entries of each part from `part` on are. keys, more: what
    was asked for, uint64; places count on from one to the other.

    Eleven in twelve keys fail in their first two words, which an entry knows; the others are read.
    """
    blocks, filter_at = len(filter_words), _U(filter_words.ctypes.data)
    keys_at = _U(keys.ctypes.data)
    left = np.empty(_AT_ONCE, np.int64)
    n_held = starts[0]
    for some in range(len(starts) - 1):
        prefix, stop = _U(part + some) << _U(_REST_BITS), starts[some + 1]
        for first in range(starts[some], stop, _AT_ONCE):
            n_left = np.int64(0)
            for at in range(first, min(first + _AT_ONCE, stop)):
                coming = _entry_block(entries[min(at + _AHEAD, stop - 1)], prefix, blocks)
                prefetch(filter_at + coming * _U(8 * WORDS))
                entry = entries[at]
                block = _entry_block(entry, prefix, blocks)
                found = _bit(filter_words[block, 0], entry, _PLACE_BITS + 6)
                found &= _bit(filter_words[block, 1], entry, _PLACE_BITS)
                left[n_left] = at
                n_left += np.int64(found)
            for at in left[:n_left]:
                prefetch(keys_at + (entries[at] & _U(MAX_KEYS - 1)) * _U(8))
            for at in left[:n_left]:
                place = entries[at] & _U(MAX_KEYS - 1)
                key = keys[place] if place < len(keys) else more[place - _U(len(keys))]
                entries[n_held] = place
                n_held += np.int64(_may_hold(filter_words, key))
    return n_held - starts[0]
