"""Shingles, signatures and sketches on the bytes of Arrow strings, compiled.

fmix32: Appleby, the finaliser of MurmurHash3.
"""

# ruff: noqa: PLR0917 (numba compiles no keyword-only parameters)

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from provenance.dedup.xxh64 import PRIME_1, xxh64

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

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]


@njit(cache=True)
def _words(spaces, at, start, stop, starts, stops):  # type: ignore[no-untyped-def]
    """Fill `starts` and `stops` with the bounds of the first words of the text `start` to `stop`.

    spaces: where the spaces of all texts are, ascending; `at` is the first that may be in this one.
    Returns how many words there are, and where in `spaces` the next text begins.
    """
    n_words = 0
    begin = start
    while at < len(spaces) and spaces[at] < stop:
        starts[n_words] = begin
        stops[n_words] = spaces[at]
        n_words += spaces[at] > begin and n_words < MAX_WORDS
        begin = spaces[at] + 1
        at += 1
    starts[n_words] = begin
    stops[n_words] = stop
    return n_words + (stop > begin and n_words < MAX_WORDS), at


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
def _shingles(data, bounds, n_words, slots, stamp, hashes, wide):  # type: ignore[no-untyped-def]
    """Fill `hashes` with the distinct shingle hashes of one text; how many there are.

    wide: filled beside them with the whole XXH64 of the shingle that had the hash first.
    """
    starts, stops = bounds
    n_hashes = 0
    for first in range(max(1, n_words - WORDS + 1) if n_words else 0):
        last = min(first + WORDS, n_words) - 1
        whole = xxh64(data, _U(starts[first]), _U(stops[last]))
        value = np.uint32(whole & _U(0xFFFFFFFF))
        if _claim(slots, stamp, value):
            hashes[n_hashes] = value
            wide[n_hashes] = whole
            n_hashes += 1
    return n_hashes


@njit(cache=True)
def _fmix(value):  # type: ignore[no-untyped-def]
    value = np.uint32(value ^ (value >> np.uint32(16)))
    value = np.uint32(value * np.uint32(0x85EBCA6B))
    value = np.uint32(value ^ (value >> np.uint32(13)))
    value = np.uint32(value * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


@njit(cache=True)
def _minima(hashes, multipliers, addends, row):  # type: ignore[no-untyped-def]
    """Lower `row` to the least value of each affine permutation over `hashes`.

    Four hashes share one pass over the row: half the time of a pass for each. The last pass may
    take the last hash more than once, which changes no minimum.
    """
    last = len(hashes) - 1
    for first in range(0, len(hashes), 4):
        mixed_0 = _fmix(hashes[first])
        mixed_1 = _fmix(hashes[min(first + 1, last)])
        mixed_2 = _fmix(hashes[min(first + 2, last)])
        mixed_3 = _fmix(hashes[min(first + 3, last)])
        for k in range(len(row)):
            a, b = multipliers[k], addends[k]
            low = min(np.uint32(a * mixed_0 + b), np.uint32(a * mixed_1 + b))
            high = min(np.uint32(a * mixed_2 + b), np.uint32(a * mixed_3 + b))
            row[k] = min(row[k], low, high)


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
def _sketch(hashes, into, at):  # type: ignore[no-untyped-def]
    """Write the sorted sketch of `hashes` to `into[at:]`; where it ends."""
    limit = _U(1) << _U(32 - sketch_level(len(hashes)))
    end = at
    for position in range(len(hashes)):
        if _U(hashes[position]) < limit:
            into[end] = hashes[position]
            end += 1
    into[at:end].sort()
    return end


@njit(cache=True)
def _probe(wide, into, at):  # type: ignore[no-untyped-def]
    """Write the sorted probes among `wide` to `into[at:]`; where they end."""
    limit = _U(1) << _U(32 - probe_level(len(wide)))
    end = at
    for position in range(len(wide)):
        if wide[position] & _U(0xFFFFFFFF) < limit:
            into[end] = wide[position]
            end += 1
    into[at:end].sort()
    return end


@njit(cache=True)
def _table_size(n_values):  # type: ignore[no-untyped-def]
    size = 16
    while size < 4 * n_values:
        size *= 2
    return size


@njit(cache=True)
def sign_texts(
    data: U8,
    spaces: I64,
    offsets: I64,
    multipliers: U32,
    addends: U32,
    signatures: U32,
    n_shingles: I32,
    sketches: U32,
    sketch_offsets: I64,
    probes: U64,
    probe_offsets: I64,
) -> None:
    """Sign text i, the bytes `data[offsets[i]:offsets[i + 1]]`, into row i of every output.

    spaces: the places of U+0020 in `data`, ascending.
    signatures: [n, K], given filled with 2**32 - 1. sketches: flat, long enough for every shingle;
    that of text i is `sketches[sketch_offsets[i]:sketch_offsets[i + 1]]`. probes: the same.
    """
    longest = 0
    for text in range(len(offsets) - 1):
        longest = max(longest, offsets[text + 1] - offsets[text])
    capacity = min(longest // 2, MAX_WORDS) + 2
    bounds = (np.empty(capacity, np.int64), np.empty(capacity, np.int64))
    hashes = np.empty(capacity, np.uint32)
    wide = np.empty(capacity, np.uint64)
    slots = np.zeros(16, np.uint64)
    sketch_offsets[0] = 0
    probe_offsets[0] = 0
    at = 0
    for text in range(len(offsets) - 1):
        n_words, at = _words(spaces, at, offsets[text], offsets[text + 1], bounds[0], bounds[1])
        size = _table_size(n_words)
        if size > len(slots):
            slots = np.zeros(size, np.uint64)
        n_hashes = _shingles(data, bounds, n_words, slots[:size], text + 1, hashes, wide)
        n_shingles[text] = n_hashes
        _minima(hashes[:n_hashes], multipliers, addends, signatures[text])
        sketch_offsets[text + 1] = _sketch(hashes[:n_hashes], sketches, sketch_offsets[text])
        probe_offsets[text + 1] = _probe(wide[:n_hashes], probes, probe_offsets[text])


@njit(cache=True)
def distinct_hashes(data, spaces, at, start, stop, into):  # type: ignore[no-untyped-def]
    """Fill `into` with the distinct shingle hashes of the text `start` to `stop` of `data`.

    spaces, at: as in `_words`. Returns how many there are, and where the next text begins.
    """
    bounds = (np.empty(len(into), np.int64), np.empty(len(into), np.int64))
    n_words, at = _words(spaces, at, start, stop, bounds[0], bounds[1])
    slots = np.zeros(_table_size(n_words), np.uint64)
    return _shingles(data, bounds, n_words, slots, 1, into, np.empty(len(into), np.uint64)), at


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
