"""Finding probes in a segment: filter, directory, then a search among a few hundred."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from numba import njit

from provenance.dedup.anchor import bloom
from provenance.dedup.anchor.tables import Segment

#: Of a probe that many texts hold, the earliest this many are looked at.
HEADS = 16
#: Bytes of the filter that are in the process's memory at once, when it is larger than that.
RESIDENT_BYTES = 2**22
#: Probes in the filter's order at once, 12 bytes each.
PROBES_AT_ONCE = 2**19
#: Parts of a filter that probes are brought in order by.
_PARTS = 512
#: Probes looked up between two evictions: each touches a 64 KiB window of three files at most.
_LOOKUPS_AT_ONCE = 16

I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]

_U = np.uint64


def held(segment: Segment, *asked: U64) -> tuple[I64, U64]:
    """The probes in `asked` that the segment may hold: their places, ascending, and they.

    Places count on from one array to the next. The filter is passed through memory once, however
    many probes there are: PROBES_AT_ONCE of them are brought into its order at a time.
    """
    n_probes = np.zeros(_PARTS, dtype=np.int64)
    for probes in asked:
        bloom.count_parts(probes, n_probes)
    bounds = np.concatenate([[0], np.cumsum(n_probes)])
    at_once = max(min(PROBES_AT_ONCE, bounds[-1]), n_probes.max())
    ordered, places = np.empty(at_once + 1, np.uint64), np.empty(at_once + 1, np.uint32)
    found, part = [(places[:0], ordered[:0])], 0
    while part < _PARTS:
        stop = int(np.searchsorted(bounds, bounds[part] + at_once, side="right")) - 1
        starts = bounds[part : stop + 1] - bounds[part]
        _distribute(asked, part, starts, ordered, places)
        found += _sift(segment, part, starts, ordered, places)
        part = stop
    held_places, held_probes = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    order = np.argsort(held_places)
    return held_places[order].astype(np.int64), held_probes[order]


def _distribute(asked: Sequence[U64], part: int, starts: I64, ordered: U64, places: U32) -> None:
    """Fill `ordered` and `places` with the probes of the parts from `part` on, by part.

    starts: int64 [parts + 1], where each is to begin, and where the last ends.
    """
    n_parts = len(starts) - 1
    ends, steps = np.full(_PARTS, starts[-1]), np.zeros(_PARTS, dtype=np.int64)
    ends[part : part + n_parts], steps[part : part + n_parts] = starts[:-1], 1
    first = 0
    for probes in asked:
        bloom.distribute(probes, first, ends, steps, ordered, places)
        first += len(probes)


def _sift(
    segment: Segment, part: int, starts: I64, ordered: U64, places: U32
) -> Iterator[tuple[U32, U64]]:
    """The places and probes that the filter lets through, in RESIDENT_BYTES of it at a time."""
    words = segment.arrays["bloom"]
    step = max(1, _PARTS * RESIDENT_BYTES // words.nbytes)
    for first in range(0, len(starts) - 1, step):
        last = min(first + step, len(starts) - 1)
        some = slice(starts[first], starts[last])
        n_held = bloom.sift(words, ordered[some], places[some])
        yield places[some][:n_held].copy(), ordered[some][:n_held].copy()
        if step < _PARTS and starts[first] < starts[last]:
            bounds = (part + first) * len(words) // _PARTS, -(-(part + last) * len(words) // _PARTS)
            segment.evict("bloom", *bounds)


def lookup(segment: Segment, probes: U64) -> I64:
    """Rows (place in `probes`, text) [m, 2]: who holds each probe, the earliest HEADS of them."""
    arrays = segment.arrays
    order = np.argsort(probes)
    found = [np.zeros((0, 2), dtype=np.int64)]
    reached: dict[str, int] = {}
    for first in range(0, len(probes), _LOOKUPS_AT_ONCE):
        places = order[first : first + _LOOKUPS_AT_ONCE]
        rows = np.empty((len(places) * HEADS, 2), dtype=np.int64)
        n = _find(arrays["probes"], arrays["texts"], arrays["directory"], probes[places], rows)
        rows[:n, 0] = places[rows[:n, 0]]
        found.append(rows[:n])
        for name, (start, stop) in _read(segment, probes[places]).items():
            segment.evict(name, reached.get(name, start), stop)
            reached[name] = stop
    # Reading a page maps those around it too, also what was evicted already.
    for name, (start, stop) in _read(segment, probes[order]).items():
        segment.evict(name, start, stop)
    return np.concatenate(found)


def _read(segment: Segment, probes: U64) -> dict[str, tuple[int, int]]:
    """The rows of the arrays among which a search for `probes`, ascending, reads."""
    directory = segment.arrays["directory"]
    if not len(probes):
        return {}
    shift = 65 - len(directory).bit_length()
    first, last = (int(probe) >> shift for probe in (probes[0], probes[-1]))
    among = int(directory[first]), int(directory[last + 1])
    return {"directory": (first, last + 2), "probes": among, "texts": among}


@njit(cache=True)
def _find(probes, texts, directory, wanted, rows):  # type: ignore[no-untyped-def]
    """Fill `rows` with (place in wanted, text); how many. wanted: ascending."""
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
