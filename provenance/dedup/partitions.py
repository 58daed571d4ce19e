"""Pairs of a 64-bit key and a number, on disk by range of the key: more than memory holds.

A partition is one file of records of 12 bytes in native order: the lower and upper half of the key,
then the number. What stands in one range of keys can be joined or sorted without the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
from numba import njit

from provenance.dedup.bands import NO_KEY
from provenance.emit.atomic import disk_full_is_clear

#: Files open at once.
MAX_PARTITIONS = 512
#: More in a partition are slower: the system hands out arrays so large anew each time.
RECORDS_AT_ONCE = 1 << 21

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]

_U = np.uint64


def partition_count(n_records: int, *, records_at_once: int = RECORDS_AT_ONCE) -> int:
    """Partitions, a power of two, that hold about `records_at_once` of `n_records` random keys."""
    wanted = max(1, -(-n_records // records_at_once))
    return min(MAX_PARTITIONS, 1 << (wanted - 1).bit_length())


class Partitions:
    """Files of `folder`, each with the records of one range of keys. Written first, then read."""

    def __init__(self, folder: Path, *, n_partitions: int) -> None:
        """n_partitions: a power of two, at most MAX_PARTITIONS."""
        self._shift = 64 - (n_partitions.bit_length() - 1)
        self._paths = [folder / f"{number:04d}.records" for number in range(n_partitions)]
        self._files = [path.open("wb", buffering=0) for path in self._paths]
        self.n_records = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for path, file in zip(self._paths, self._files, strict=True):
            file.close()
            path.unlink(missing_ok=True)

    def __len__(self) -> int:
        return len(self._paths)

    def write(self, keys: U64, numbers: U32) -> None:
        """Add every key of row i of `keys` [n, k] with `numbers[i]`; keys of NO_KEY are left out.

        Raises RunError when the disk is full.
        """
        records, stops = _scatter(keys, numbers, self._shift, len(self._paths))
        start = 0
        with disk_full_is_clear(self._paths[0].parent):
            for file, stop in zip(self._files, stops, strict=True):
                if stop > start:
                    _write_all(file, records[start:stop])
                start = stop
        self.n_records += len(records)

    def read(self) -> Iterator[tuple[U64, U32]]:
        """The keys and numbers of one partition after another, in ascending ranges of keys.

        Within a partition they stand in the order of writing.
        """
        for path in self._paths:
            yield _columns(np.fromfile(path, dtype=np.uint32).reshape(-1, 3))


def _write_all(file, records) -> None:  # type: ignore[no-untyped-def]
    left = memoryview(records).cast("B")
    while left:
        left = left[file.write(left) :]


@njit(cache=True, nogil=True, inline="always")
def _range(key, shift):  # type: ignore[no-untyped-def]
    # A shift by all 64 bits of a number is undefined; two by 32 are not.
    return (key >> _U(shift // 2)) >> _U(shift - shift // 2)


@njit(cache=True, nogil=True)
def _scatter(keys, numbers, shift, n_partitions):  # type: ignore[no-untyped-def]
    """Records [m, 3] by partition, in order within each, and where each partition stops."""
    ends = np.zeros(n_partitions + 1, np.int64)
    for key in keys.flat:
        if key != NO_KEY:
            ends[_range(key, shift) + _U(1)] += 1
    ends = np.cumsum(ends)
    records = np.empty((ends[-1], 3), np.uint32)
    for row in range(len(keys)):
        for column in range(keys.shape[1]):
            key = keys[row, column]
            if key != NO_KEY:
                partition = _range(key, shift)
                at = ends[partition]
                records[at, 0] = np.uint32(key)
                records[at, 1] = np.uint32(key >> _U(32))
                records[at, 2] = numbers[row]
                ends[partition] = at + 1
    return records, ends[:-1]


@njit(cache=True, nogil=True)
def _columns(records):  # type: ignore[no-untyped-def]
    keys = np.empty(len(records), np.uint64)
    numbers = np.empty(len(records), np.uint32)
    for row in range(len(records)):
        keys[row] = _U(records[row, 0]) | (_U(records[row, 1]) << _U(32))
        numbers[row] = records[row, 2]
    return keys, numbers
