"""Finding probes in a segment: its directory, then a search among a few hundred, read for each.

They are read, not mapped: with each row of a map sixteen pages come into the process's memory, at
twice the time, and must be taken out of it again.
"""

# ruff: noqa: PLR0917 (numba compiles no keyword-only parameters)

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
from numba import njit, types

from provenance.dedup.anchor.tables import Segment

#: Of a probe that many texts hold, the earliest this many are looked at.
HEADS = 16
#: Probes read at once, to search among.
_AMONG = 512

I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]

_U = np.uint64
#: POSIX: file descriptor, where to, how many bytes, from which on; bytes read, or -1.
_pread = types.ExternalFunction(
    "pread", types.intp(types.intc, types.voidptr, types.uintp, types.int64)
)


def lookup(segment: Segment, probes: U64) -> I64:
    """Rows (place in `probes`, text) [m, 2]: who holds each probe, the earliest HEADS of them.

    Raises OSError when a file of the segment has become shorter.
    """
    order = np.argsort(probes)
    rows = np.empty((len(probes) * HEADS, 2), dtype=np.int64)
    if not len(probes) or not segment.facts["n_probes"]:
        return rows[:0]
    directory = segment.arrays["directory"]
    with _opened(segment, "probes") as (keys, keys_at), _opened(segment, "texts") as (texts, at):
        n = _find(keys, keys_at, texts, at, np.asarray(directory), probes[order], rows)
    segment.evict("directory", 0, len(directory))
    if n < 0:
        raise OSError(f"{segment.root}: a file ended early")
    rows[:n, 0] = order[rows[:n, 0]]
    return rows[:n].copy()


@contextmanager
def _opened(segment: Segment, name: str) -> Iterator[tuple[int, int]]:
    """A descriptor of the file of an array, and the byte at which the array begins."""
    array = segment.arrays[name]
    begin = array.offset if isinstance(array, np.memmap) else 0
    with (segment.root / f"{name}.npy").open("rb") as file:
        yield file.fileno(), begin


@njit(cache=True)
def _read(file, start, row, values):  # type: ignore[no-untyped-def]
    """Whether `values` were filled with those of the array from `row` on."""
    at = start + np.int64(row) * np.int64(values.itemsize)
    return _pread(file, values.ctypes, values.nbytes, at) == values.nbytes


@njit(cache=True)
def _find(keys, keys_at, texts, texts_at, directory, wanted, rows):  # type: ignore[no-untyped-def]
    """Fill `rows` with (place in wanted, text); how many, -1 where a file cannot be read.

    keys, texts: file descriptors of probes and texts. keys_at, texts_at: where the arrays begin.
    """
    shift = 64
    while (1 << (65 - shift)) < len(directory):
        shift -= 1
    among, owners = np.empty(_AMONG + HEADS, np.uint64), np.empty(HEADS, np.uint32)
    n = 0
    for place in range(len(wanted)):
        entry = wanted[place] >> _U(shift)
        low, end = directory[entry], directory[entry + _U(1)]
        high = end
        while high - low > _AMONG:
            middle = (low + high) // 2
            if not _read(keys, keys_at, middle, among[:1]):
                return -1
            if among[0] < wanted[place]:
                low = middle + 1
            else:
                high = middle
        some = among[: min(high + HEADS, end) - low]
        if not _read(keys, keys_at, low, some):
            return -1
        first = np.searchsorted(some, wanted[place])
        last = first
        while last < min(len(some), first + HEADS) and some[last] == wanted[place]:
            last += 1
        if last > first and not _read(texts, texts_at, low + first, owners[: last - first]):
            return -1
        for text in owners[: last - first]:
            rows[n, 0], rows[n, 1] = place, text
            n += 1
    return n
