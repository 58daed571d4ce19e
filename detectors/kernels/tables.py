"""Hash tables on arrays: word hash -> number, and the counts of one document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detectors.kernels.tokens import Bytes, token_hash

Hashes: TypeAlias = NDArray[np.uint64]

_LINE_BREAK: Final = 10


class Table(NamedTuple):
    """Open-addressed: hash -> value. keys: uint64, 0 = free; values: float32; 2**k places each."""

    keys: Hashes
    values: NDArray[np.float32]


class Counts(NamedTuple):
    """Values of the keys met since `begin`. A place counts only under the current stamp.

    keys: uint64, values: int64, stamps: int64, 2**k places each; stamp: int64 [1].
    """

    keys: Hashes
    values: NDArray[np.int64]
    stamps: NDArray[np.int64]
    stamp: NDArray[np.int64]


def table(forms: Iterable[bytes], values: Sequence[float] | NDArray[np.float32]) -> Table:
    """The table of words; of two whose hash is one, the first stays."""
    return table_of_lines(b"".join(form + b"\n" for form in forms), values)


def table_of_lines(lines: bytes, values: Sequence[float] | NDArray[np.float32]) -> Table:
    """The same of words that each end with a line break."""
    data = np.frombuffer(lines or b"\0", np.uint8)
    ends = np.flatnonzero(data == _LINE_BREAK)
    n_places = 1 << max(3, (2 * len(ends)).bit_length())
    made = Table(np.zeros(n_places, np.uint64), np.zeros(n_places, np.float32))
    _fill(made, data, ends, np.asarray(values, np.float32))
    return made


@njit(cache=True, nogil=True)
def _fill(made: Table, data: Bytes, ends: NDArray[np.int64], values: NDArray[np.float32]) -> None:
    start = 0
    for i in range(len(ends)):
        key = token_hash(data, start, ends[i])
        start = ends[i] + 1
        place = np.int64(key & np.uint64(len(made.keys) - 1))
        while made.keys[place] != 0 and made.keys[place] != key:
            place = (place + 1) & (len(made.keys) - 1)
        if made.keys[place] == 0:
            made.keys[place] = key
            made.values[place] = values[i]


@njit(cache=True, nogil=True)
def look_up(known: Table, key: np.uint64) -> float:
    """The value of a key, or -1."""
    place = np.int64(key & np.uint64(len(known.keys) - 1))
    while known.keys[place] != 0:
        if known.keys[place] == key:
            return float(known.values[place])
        place = (place + 1) & (len(known.keys) - 1)
    return -1.0


def new_counts(capacity: int) -> Counts:
    """Room for the counts of up to `capacity` different keys."""
    n_places = 1 << (2 * capacity).bit_length()
    return Counts(
        np.zeros(n_places, np.uint64),
        np.zeros(n_places, np.int64),
        np.zeros(n_places, np.int64),
        np.zeros(1, np.int64),
    )


@njit(cache=True, nogil=True)
def begin(counts: Counts) -> None:
    """Forget every key."""
    counts.stamp[0] += 1


@njit(cache=True, nogil=True)
def place_of(counts: Counts, key: np.uint64) -> int:
    """Where the key's value stands; 0 in a place that is taken now."""
    place = np.int64(key & np.uint64(len(counts.keys) - 1))
    while counts.stamps[place] == counts.stamp[0]:
        if counts.keys[place] == key:
            return int(place)
        place = (place + 1) & (len(counts.keys) - 1)
    counts.stamps[place] = counts.stamp[0]
    counts.keys[place] = key
    counts.values[place] = 0
    return int(place)
