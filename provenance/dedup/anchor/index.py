"""Finding probes in a segment: filter, directory, then a search among a few hundred."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from provenance.dedup.anchor import bloom
from provenance.dedup.anchor.tables import Segment

#: Of a probe that many texts hold, the earliest this many are looked at.
HEADS = 16
#: Bytes of the filter that are in the process's memory at once, when it is larger than that.
RESIDENT_BYTES = 2**24
#: Probes looked up between two evictions: each touches a 64 KiB window of three files at most.
_LOOKUPS_AT_ONCE = 128

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

_U = np.uint64


def held(segment: Segment, probes: U64) -> I64:
    """The places in `probes` [n] that the segment may hold, ascending; the filter's answer."""
    words = segment.arrays["bloom"]
    answer = np.zeros(len(probes), dtype=np.uint8)
    step = max(1, RESIDENT_BYTES // (4 * bloom.WORDS))
    for first in range(0, len(words), step):
        bloom.may_hold(words, probes, first, min(first + step, len(words)), answer)
        if len(words) > step:
            segment.evict("bloom")
    return np.flatnonzero(answer)


def lookup(segment: Segment, probes: U64) -> I64:
    """Rows (place in `probes`, text) [m, 2]: who holds each probe, the earliest HEADS of them."""
    arrays = segment.arrays
    found = [np.zeros((0, 2), dtype=np.int64)]
    for first in range(0, len(probes), _LOOKUPS_AT_ONCE):
        some = probes[first : first + _LOOKUPS_AT_ONCE]
        rows = np.empty((len(some) * HEADS, 2), dtype=np.int64)
        n = _find(arrays["probes"], arrays["texts"], arrays["directory"], some, rows)
        rows[:n, 0] += first
        found.append(rows[:n])
        for name in ("probes", "texts", "directory"):
            segment.evict(name)
    return np.concatenate(found)


@njit(cache=True)
def _find(probes, texts, directory, wanted, rows):  # type: ignore[no-untyped-def]
    """Fill `rows` with (place in wanted, text); how many."""
    bits = 0
    while (1 << (bits + 1)) < len(directory):
        bits += 1
    n = 0
    for place in range(len(wanted)):
        entry = wanted[place] >> _U(64 - bits)
        low, high = directory[entry], directory[entry + _U(1)]
        at = low + np.searchsorted(probes[low:high], wanted[place])
        stop = min(high, at + HEADS)
        while at < stop and probes[at] == wanted[place]:
            rows[n, 0], rows[n, 1] = place, texts[at]
            n += 1
            at += 1
    return n
