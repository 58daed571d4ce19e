"""Passing probes through the filter of a segment, in its order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from provenance.dedup.anchor import bloom
from provenance.dedup.anchor.tables import Segment

#: Bytes of the filter that are in the process's memory at once, when it is larger than that.
RESIDENT_BYTES = 2**22
#: Probes in the filter's order at once, 8 bytes each.
PROBES_AT_ONCE = 2**21

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]


def held(segment: Segment, probes: U64, content: U64) -> tuple[I64, U64]:
    """What the segment may hold of `probes` and, with places that count on, of `content`.

    Places, ascending, and the probes there. The filter is passed through memory once, however many
    are asked for: PROBES_AT_ONCE of them are brought into its order at a time. Raises ValueError
    for more than bloom.MAX_KEYS.
    """
    if len(probes) + len(content) >= bloom.MAX_KEYS:
        raise ValueError(f"asked for {len(probes) + len(content)} probes at once")
    asked = probes, np.ascontiguousarray(content)
    n_probes = np.zeros(bloom.PARTS, dtype=np.int64)
    for some in asked:
        bloom.count_parts(some, n_probes)
    bounds = np.concatenate([[0], np.cumsum(n_probes)])
    at_once = max(min(PROBES_AT_ONCE, bounds[-1]), n_probes.max())
    entries = np.empty(at_once + 1, np.uint64)
    found, part = [entries[:0]], 0
    while part < bloom.PARTS:
        stop = int(np.searchsorted(bounds, bounds[part] + at_once, side="right")) - 1
        starts = bounds[part : stop + 1] - bounds[part]
        _distribute(asked, part, starts, entries)
        found += _sift(segment, asked, part, starts, entries)
        part = stop
    places = np.sort(np.concatenate(found)).astype(np.int64)
    n_first = np.searchsorted(places, len(probes))
    kept = [probes[places[:n_first]], content[places[n_first:] - len(probes)]]
    return places, np.concatenate(kept)


def _distribute(asked: tuple[U64, U64], part: int, starts: I64, entries: U64) -> None:
    """Fill `entries` with those of the parts from `part` on, by part.

    starts: int64 [parts + 1], where each is to begin, and where the last ends.
    """
    n_parts = len(starts) - 1
    ends, steps = np.full(bloom.PARTS, starts[-1]), np.zeros(bloom.PARTS, dtype=np.int64)
    ends[part : part + n_parts], steps[part : part + n_parts] = starts[:-1], 1
    bloom.distribute(asked[0], 0, ends, steps, entries)
    bloom.distribute(asked[1], len(asked[0]), ends, steps, entries)


def _sift(
    segment: Segment, asked: tuple[U64, U64], part: int, starts: I64, entries: U64
) -> Iterator[U64]:
    """The places of what the filter lets through, in RESIDENT_BYTES of it at a time."""
    words = segment.arrays["bloom"]
    step = max(1, bloom.PARTS * RESIDENT_BYTES // words.nbytes)
    for first in range(0, len(starts) - 1, step):
        some = starts[first : first + step + 1]
        n_held = bloom.sift(words, part + first, some, entries, *asked)
        yield entries[some[0] : some[0] + n_held].copy()
        if step < bloom.PARTS and some[0] < some[-1]:
            bounds = [(part + first) * len(words), (part + first + len(some) - 1) * len(words)]
            segment.evict("bloom", bounds[0] // bloom.PARTS, -(-bounds[1] // bloom.PARTS))
