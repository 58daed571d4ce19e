"""Numbers whose keys are equal, brought together without sorting all keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]

#: Records grouped at once: their keys, and a table twice as long, stay in a core's own cache.
_RECORDS_AT_ONCE = 2048
PAIRS_AT_ONCE = 1 << 16
#: Memory that `group` takes for each record at most, what it is given and gives back included.
BYTES_PER_RECORD = 48

_U = np.uint64
_PRIME = _U(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Buckets:
    """Bucket i holds the numbers `members[starts[i]:starts[i + 1]]`, two or more, ascending.

    members: uint32. starts: int64 [number of buckets + 1].
    """

    members: U32
    starts: I64

    def __len__(self) -> int:
        return len(self.starts) - 1

    def pairs(self, *, heads: int) -> Iterator[I64]:
        """Each member with the least `heads` of its bucket, the lesser first, as arrays [n, 2].

        A bucket of n members has at most n * heads pairs, and at least what connects it.
        """
        cursor = np.array([0, 0, 1], dtype=np.int64)
        while cursor[0] < len(self):
            pairs = np.empty((PAIRS_AT_ONCE, 2), dtype=np.int64)
            yield pairs[: _stars(self.members, self.starts, heads, cursor, pairs)]


def group(keys: U64, numbers: U32) -> Buckets:
    """The buckets of all keys that stand more than once in `keys` [n], beside `numbers` [n]."""
    bits = max(0, (len(keys) // _RECORDS_AT_ONCE).bit_length())
    members, starts = _group(*_scatter(keys, numbers, bits), bits)
    return Buckets(members, starts)


@njit(cache=True, nogil=True, inline="always")
def _leading(value, bits):  # type: ignore[no-untyped-def]
    # A shift by all 64 bits of a number is undefined.
    return (value >> _U(1)) >> _U(63 - bits)


@njit(cache=True, nogil=True)
def _scatter(keys, numbers, bits):  # type: ignore[no-untyped-def]
    """Keys and numbers by the leading `bits` of their hashes, and the ends of those ranges."""
    ends = np.zeros((1 << bits) + 1, np.int64)
    for key in keys:
        ends[_leading(key * _PRIME, bits) + _U(1)] += 1
    ends = np.cumsum(ends)
    moved_keys, moved_numbers = np.empty_like(keys), np.empty_like(numbers)
    for row in range(len(keys)):
        part = _leading(keys[row] * _PRIME, bits)
        moved_keys[ends[part]] = keys[row]
        moved_numbers[ends[part]] = numbers[row]
        ends[part] += 1
    return moved_keys, moved_numbers, ends[:-1]


@njit(cache=True, nogil=True)
def _table_bits(n_records):  # type: ignore[no-untyped-def]
    bits = 4
    while (1 << bits) < 2 * n_records:
        bits += 1
    return bits


@njit(cache=True, nogil=True)
def _chain(keys, skip, heads, previous, crowded):  # type: ignore[no-untyped-def]
    """Fill the table `heads` with the last place of every key, `previous` with the one before.

    Fills `crowded` with the slots of the keys that stand more than once; returns how many.
    """
    bits = _table_bits(len(keys))
    mask = (1 << bits) - 1
    heads[: mask + 1] = -1
    n_crowded = 0
    for place in range(len(keys)):
        slot = np.int64(_leading((keys[place] * _PRIME) << _U(skip), bits))
        while heads[slot] >= 0 and keys[heads[slot]] != keys[place]:
            slot = (slot + 1) & mask
        head = heads[slot]
        if head >= 0 and previous[head] < 0:
            crowded[n_crowded] = slot
            n_crowded += 1
        previous[place] = head
        heads[slot] = place
    return n_crowded


@njit(cache=True, nogil=True)
def _group(keys, numbers, ends, bits):  # type: ignore[no-untyped-def]
    longest, start = 0, 0
    for end in ends:
        longest = max(longest, end - start)
        start = end
    heads = np.empty(1 << _table_bits(longest), np.int32)
    previous = np.empty(longest, np.int32)
    crowded = np.empty(longest // 2 + 1, np.int64)
    members = np.empty(len(keys), np.uint32)
    starts = np.empty(len(keys) // 2 + 1, np.int64)
    n_members, n_buckets, start = 0, 0, 0
    for end in ends:
        n_crowded = _chain(keys[start:end], bits, heads, previous, crowded)
        for slot in crowded[:n_crowded]:
            starts[n_buckets] = n_members
            place = heads[slot]
            while place >= 0:
                members[n_members] = numbers[start + place]
                n_members += 1
                place = previous[place]
            members[starts[n_buckets] : n_members].sort()
            n_buckets += 1
        start = end
    starts[n_buckets] = n_members
    return members[:n_members], starts[: n_buckets + 1]


@njit(cache=True, nogil=True)
def _stars(members, starts, n_heads, cursor, pairs):  # type: ignore[no-untyped-def]
    """Fill `pairs` from `cursor` (bucket, head, other) on, and move it; how many there are."""
    bucket, head, other = cursor
    n_pairs = 0
    while bucket < len(starts) - 1 and n_pairs < len(pairs):
        first, size = starts[bucket], starts[bucket + 1] - starts[bucket]
        pairs[n_pairs] = members[first + head], members[first + other]
        n_pairs += 1
        other += 1
        if other == size:
            head += 1
            other = head + 1
        if head == min(n_heads, size - 1):
            bucket, head, other = bucket + 1, 0, 1
    cursor[:] = bucket, head, other
    return n_pairs
