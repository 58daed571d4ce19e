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
#: Parts of a filter that probes are brought in order by.
_PARTS = 4096
#: Probes looked up between two evictions: each touches a 64 KiB window of three files at most.
_LOOKUPS_AT_ONCE = 32

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

_U = np.uint64


def held(segment: Segment, probes: U64) -> I64:
    """The places in `probes` [n] that the segment may hold, ascending; the filter's answer."""
    words = segment.arrays["bloom"]
    starts = np.zeros(_PARTS + 1, dtype=np.int64)
    places = bloom.in_order(probes, starts)
    ordered, answer = probes[places], np.zeros(len(probes), dtype=np.uint8)
    step = max(1, _PARTS * RESIDENT_BYTES // words.nbytes)
    for first in range(0, _PARTS, step):
        last = min(first + step, _PARTS)
        some = slice(starts[first], starts[last])
        bloom.may_hold(words, ordered[some], answer[some])
        if step < _PARTS:
            bounds = (first * len(words) // _PARTS, -(-last * len(words) // _PARTS))
            segment.evict("bloom", *bounds)
    return np.sort(places[answer.astype(np.bool_)])


def lookup(segment: Segment, probes: U64) -> I64:
    """Rows (place in `probes`, text) [m, 2]: who holds each probe, the earliest HEADS of them."""
    arrays = segment.arrays
    order = np.argsort(probes)
    found = [np.zeros((0, 2), dtype=np.int64)]
    for first in range(0, len(probes), _LOOKUPS_AT_ONCE):
        places = order[first : first + _LOOKUPS_AT_ONCE]
        rows = np.empty((len(places) * HEADS, 2), dtype=np.int64)
        n, low, high = _find(
            arrays["probes"], arrays["texts"], arrays["directory"], probes[places], rows
        )
        rows[:n, 0] = places[rows[:n, 0]]
        found.append(rows[:n])
        segment.evict("probes", low, high)
        segment.evict("texts", low, high)
    return np.concatenate(found)


@njit(cache=True)
def _find(probes, texts, directory, wanted, rows):  # type: ignore[no-untyped-def]
    """Fill `rows` with (place in wanted, text); how many, and between which probes they are.

    wanted: ascending.
    """
    bits = 0
    while (1 << (bits + 1)) < len(directory):
        bits += 1
    n, first, last = 0, len(probes), 0
    for place in range(len(wanted)):
        entry = wanted[place] >> _U(64 - bits)
        low, high = directory[entry], directory[entry + _U(1)]
        first, last = min(first, low), max(last, high)
        at = low + np.searchsorted(probes[low:high], wanted[place])
        stop = min(high, at + HEADS)
        while at < stop and probes[at] == wanted[place]:
            rows[n, 0], rows[n, 1] = place, texts[at]
            n += 1
            at += 1
    return n, first, last
