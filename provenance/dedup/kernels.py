"""Shingle hashes, signatures and sketches on the bytes of Arrow strings, compiled.

fmix32: Appleby, the finaliser of MurmurHash3.
"""

# ruff: noqa: PLR0917 (numba compiles no keyword-only parameters)

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from provenance.dedup.xxh64 import PRIME_1, xxh64_slices

#: Words in a shingle.
WORDS = 5
#: Words of a text that are read at most, so that a hostile text costs no more than 60 MB.
MAX_WORDS = 1 << 20
#: A sketch holds between this many and twice as many hashes, until its level reaches MAX_LEVEL.
SKETCH_HASHES = 64
#: At level l a sketch keeps the hashes below 2**(32 - l): one in 2**l.
MAX_LEVEL = 3
#: The same for probes, which are fewer: an archive is asked for each.
PROBES = 16
MAX_PROBE_LEVEL = 4

_U = np.uint64
_LOW = _U(0xFFFFFFFF)
_SPACE = np.uint8(0x20)
#: Hashes mixed at a time, a multiple of four.
_MIXED = 1024
MERSENNE_61 = _U((1 << 61) - 1)

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]


@njit(cache=True)
def _spaces(data, start, stop, found):  # type: ignore[no-untyped-def]
    """Fill `found` with the places of the spaces from `start` to `stop`; how many there are.

    There is no branch for a space, and numba knows the places to be unsigned: half the time.
    """
    n_found = _U(0)
    for place in range(_U(start), _U(stop)):
        found[n_found] = place
        n_found += _U(data[place] == _SPACE)
    return np.int64(n_found)


@njit(cache=True)
def _words(data, start, stop, found, starts, stops):  # type: ignore[no-untyped-def]
    """Fill `starts` and `stops` with the bounds of the first words of the text `start` to `stop`.

    How many words there are, at most MAX_WORDS. found: memory for the spaces of a stretch of text.
    """
    n_words, begin = 0, start
    for first in range(start, stop, len(found)):
        for space in range(_spaces(data, first, min(first + len(found), stop), found)):
            starts[n_words] = begin
            stops[n_words] = found[space]
            n_words += (found[space] > begin) & (n_words < MAX_WORDS)
            begin = found[space] + 1
    starts[n_words] = begin
    stops[n_words] = stop
    return n_words + ((stop > begin) & (n_words < MAX_WORDS))


@njit(cache=True)
def _claim(slots, stamp, value):  # type: ignore[no-untyped-def]
    """True when `value` is new to the hash set of this `stamp`, which it then joins.

    A slot holds the stamp in its upper and the value in its lower half, so that a new stamp
    empties the set.
    """
    mask = _U(len(slots) - 1)
    entry = (_U(stamp) << _U(32)) | _U(value)
    slot = (_U(value) * PRIME_1 >> _U(32)) & mask
    while slots[slot] >> _U(32) == _U(stamp):
        if slots[slot] == entry:
            return False
        slot = (slot + _U(1)) & mask
    slots[slot] = entry
    return True


@njit(cache=True)
def _distinct(hashes, slots, stamp):  # type: ignore[no-untyped-def]
    """Move the first of `hashes` with each low 32 bits to the front; how many there are."""
    n_hashes = 0
    for place in range(len(hashes)):
        value = hashes[place]
        if _claim(slots, stamp, value & _LOW):
            hashes[n_hashes] = value
            n_hashes += 1
    return n_hashes


@njit(cache=True)
def _table_size(n_values):  # type: ignore[no-untyped-def]
    size = 16
    while size < 4 * n_values:
        size *= 2
    return size


@njit(cache=True)
def hash_shingles(data: U8, offsets: I64, hashes: U64, bounds: I64) -> None:
    """Put the XXH64 of each distinct shingle of text i into `hashes[bounds[i]:bounds[i + 1]]`.

    data: text i stands from offsets[i] to offsets[i + 1]; OVERREAD more bytes follow the last.
    Shingles are distinct by the low 32 bits. hashes: long enough for a word in every second byte.
    """
    longest = 0
    for text in range(len(offsets) - 1):
        longest = max(longest, offsets[text + 1] - offsets[text])
    capacity = min(longest // 2, MAX_WORDS) + 2
    starts, stops = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
    spaces = np.empty(4096, np.int64)
    slots = np.zeros(16, np.uint64)
    bounds[0] = 0
    for text in range(len(offsets) - 1):
        n_words = _words(data, offsets[text], offsets[text + 1], spaces, starts, stops)
        size = _table_size(n_words)
        if size > len(slots):
            slots = np.zeros(size, np.uint64)
        n_shingles = max(1, n_words - WORDS + 1) if n_words else 0
        first, last = bounds[text], n_words - n_shingles
        found = hashes[first : first + n_shingles]
        xxh64_slices(data, starts[:n_shingles], stops[last : last + n_shingles], found)
        bounds[text + 1] = first + _distinct(found, slots[:size], text + 1)


@njit(cache=True)
def _fmix(value):  # type: ignore[no-untyped-def]
    value = np.uint32(value)
    value = np.uint32(value ^ (value >> np.uint32(16)))
    value = np.uint32(value * np.uint32(0x85EBCA6B))
    value = np.uint32(value ^ (value >> np.uint32(13)))
    value = np.uint32(value * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


@njit(cache=True)
def _affine32_row(mixed, multipliers, addends, row):  # type: ignore[no-untyped-def]
    """Lower `row` to the least value of each permutation over the mixed hashes of one text.

    Four hashes share one pass over the row: half the time of a pass for each.
    """
    for first in range(0, len(mixed), 4):
        mixed_0, mixed_1 = mixed[first], mixed[first + 1]
        mixed_2, mixed_3 = mixed[first + 2], mixed[first + 3]
        for k in range(len(row)):
            a, b = multipliers[k], addends[k]
            low = min(np.uint32(a * mixed_0 + b), np.uint32(a * mixed_1 + b))
            high = min(np.uint32(a * mixed_2 + b), np.uint32(a * mixed_3 + b))
            row[k] = min(row[k], low, high)


@njit(cache=True)
def affine32_minima(hashes: U64, bounds: I64, multipliers: U32, addends: U32, rows: U32) -> None:
    """Lower row i to the least of each permutation over the low 32 bits of the hashes of text i.

    Permutation k takes h to multipliers[k] * fmix32(h) + addends[k] modulo 2**32. Where a text's
    hashes are no multiple of four, its last one is taken again, which changes no minimum.
    """
    mixed = np.empty(_MIXED, np.uint32)
    for text in range(len(rows)):
        for first in range(bounds[text], bounds[text + 1], _MIXED):
            n_mixed = min(bounds[text + 1] - first, _MIXED)
            for place in range(n_mixed):
                mixed[place] = _fmix(hashes[first + place])
            whole = (n_mixed + 3) // 4 * 4
            mixed[n_mixed:whole] = mixed[n_mixed - 1]
            _affine32_row(mixed[:whole], multipliers, addends, rows[text])


@njit(cache=True)
def legacy_minima(hashes: U64, bounds: I64, multipliers: U64, addends: U64, rows: U32) -> None:
    """The same for the permutations of datasketch before version 2.

    Permutation k takes h to the low 32 bits of x modulo 2**61 - 1, where x is
    multipliers[k] * h + addends[k] modulo 2**64: numpy's product wraps around first.
    """
    for text in range(len(rows)):
        row = rows[text]
        for place in range(bounds[text], bounds[text + 1]):
            value = hashes[place] & _LOW
            for k in range(len(row)):
                whole = multipliers[k] * value + addends[k]
                folded = (whole & MERSENNE_61) + (whole >> _U(61))
                folded = folded - MERSENNE_61 if folded >= MERSENNE_61 else folded
                row[k] = min(row[k], np.uint32(folded & _LOW))


@njit(cache=True)
def sketch_level(n_shingles: int) -> int:
    """The level at which a text of `n_shingles` distinct shingles is sketched, 0 to MAX_LEVEL."""
    level = 0
    while level < MAX_LEVEL and n_shingles >> (level + 1) >= SKETCH_HASHES:
        level += 1
    return level


@njit(cache=True)
def probe_level(n_shingles: int) -> int:
    """The level at which a text of `n_shingles` has its probes taken, 0 to MAX_PROBE_LEVEL."""
    level = 0
    while level < MAX_PROBE_LEVEL and n_shingles >> (level + 1) >= PROBES:
        level += 1
    return level


@njit(cache=True)
def sketch(hashes: U64, bounds: I64, sketches: U32, offsets: I64) -> None:
    """Put the sorted sketch of text i into `sketches[offsets[i]:offsets[i + 1]]`."""
    offsets[0] = 0
    for text in range(len(bounds) - 1):
        level = sketch_level(bounds[text + 1] - bounds[text])
        at = end = offsets[text]
        for place in range(bounds[text], bounds[text + 1]):
            value = hashes[place] & _LOW
            sketches[end] = np.uint32(value)
            end += value < _U(1) << _U(32 - level)
        _sort_even(sketches[at:end], 32 - level)
        offsets[text + 1] = end


@njit(cache=True)
def probe(hashes: U64, bounds: I64, probes: U64, offsets: I64) -> None:
    """Put the sorted probes of text i into `probes[offsets[i]:offsets[i + 1]]`."""
    offsets[0] = 0
    for text in range(len(bounds) - 1):
        level = probe_level(bounds[text + 1] - bounds[text])
        at = end = offsets[text]
        for place in range(bounds[text], bounds[text + 1]):
            probes[end] = hashes[place]
            end += hashes[place] & _LOW < _U(1) << _U(32 - level)
        probes[at:end].sort()
        offsets[text + 1] = end


@njit(cache=True)
def _sort_even(values, n_bits):  # type: ignore[no-untyped-def]
    """Sort `values` below 2**n_bits in place, fast where they lie evenly, as hashes do.

    Each goes to the slot of its leading bits, in the slots' order; what is out of order then is so
    by few places. Crafted values cost at most the insertions of the longest list so treated.
    """
    if not 16 < len(values) <= 512:
        values.sort()
        return
    shift = np.uint32(n_bits - 8)
    ends = np.zeros(257, np.int64)
    for value in values:
        ends[(value >> shift) + 1] += 1
    for slot in range(256):
        ends[slot + 1] += ends[slot]
    for value in values.copy():
        slot = value >> shift
        values[ends[slot]] = value
        ends[slot] += 1
    for place in range(1, len(values)):
        value, hole = values[place], place
        while hole > 0 and values[hole - 1] > value:
            values[hole] = values[hole - 1]
            hole -= 1
        values[hole] = value


#: Slots that hashes are counted in: with 2**24 hashes four in five of the unique ones are alone.
_SLOT_BITS = 26


@njit(cache=True, inline="always")
def _slot(value):  # type: ignore[no-untyped-def]
    return (_U(value) * PRIME_1) >> _U(64 - _SLOT_BITS)


@njit(cache=True)
def count_slots(hashes: U32, low: int, high: int) -> U8:
    """How often the `hashes` from `low` to below `high` hit each slot: 0, 1, or 2 for more."""
    counts = np.zeros(1 << _SLOT_BITS, np.uint8)
    for position in range(len(hashes)):
        if low <= hashes[position] < high:
            slot = _slot(hashes[position])
            counts[slot] = min(counts[slot] + 1, 2)
    return counts


@njit(cache=True)
def may_repeat(hashes: U32, low: int, high: int, counts: U8) -> npt.NDArray[np.bool_]:
    """False where a hash is out of range or surely occurs once in what `counts` were taken of."""
    repeats = np.zeros(len(hashes), np.bool_)
    for position in range(len(hashes)):
        value = hashes[position]
        repeats[position] = low <= value < high and counts[_slot(value)] == 2
    return repeats
