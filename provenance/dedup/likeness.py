"""How alike two rows are, by what was written of each to disk, read back through the page cache."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from provenance.dedup.comparison import agreement
from provenance.dedup.minhash import shingle_hashes
from provenance.dedup.signature_tables import signature_matrix
from provenance.emit.atomic import disk_full_is_clear
from provenance.text.forms import normal_forms

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]


class Likeness(ABC):
    """Written row by row to one file, then asked for pairs of rows."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @abstractmethod
    def write(self, column: pa.Array) -> None:
        """Add the next rows of what is compared. Raises RunError when the disk is full."""

    @abstractmethod
    def of(self, pairs: I64) -> F32:
        """The likeness, 0 to 1, of each of `pairs` [n, 2]."""

    def _append(self, values: U32) -> None:
        with disk_full_is_clear(self._path), self._path.open("ab") as file:
            file.write(np.ascontiguousarray(values).data)

    def _values(self) -> U32:
        if self._path.stat().st_size == 0:  # nothing cannot be mapped
            return np.zeros(0, dtype=np.uint32)
        return np.memmap(self._path, dtype=np.uint32, mode="r")


class Agreement(Likeness):
    """Of signatures: the share of equal values, the estimated Jaccard similarity."""

    _num_perm = 0

    def write(self, column: pa.Array) -> None:
        signatures = signature_matrix(column)
        self._num_perm = signatures.shape[1]
        self._append(signatures)

    def of(self, pairs: I64) -> F32:
        return agreement(self._values().reshape(-1, self._num_perm), pairs)


class ShingleJaccard(Likeness):
    """Of texts: the Jaccard similarity of their sets of shingles, as signatures hash them."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._stops = [np.zeros(1, dtype=np.int64)]

    def write(self, column: pa.Array) -> None:
        found = shingle_hashes(normal_forms(column.cast(pa.large_string())))
        hashes = found.hashes.astype(np.uint32)  # the low 32 bits, by which they are distinct
        sort_rows(hashes, found.bounds)
        self._append(hashes)
        self._stops.append(self._stops[-1][-1] + found.bounds[1:])

    def of(self, pairs: I64) -> F32:
        self._stops = [np.concatenate(self._stops)]
        shares = np.empty(len(pairs), dtype=np.float32)
        jaccard(self._values(), self._stops[0], pairs, shares)
        return shares


@njit(cache=True, nogil=True)
def sort_rows(hashes: U32, bounds: I64) -> None:
    """Sort the hashes of each row, those of row i from bounds[i] to bounds[i + 1]."""
    for row in range(len(bounds) - 1):
        hashes[bounds[row] : bounds[row + 1]].sort()


@njit(cache=True, nogil=True)
def jaccard(hashes: U32, bounds: I64, pairs: I64, shares: F32) -> None:
    """Fill `shares` [n] with the Jaccard similarity of the ascending rows of each of `pairs`."""
    for pair in range(len(pairs)):
        one = hashes[bounds[pairs[pair, 0]] : bounds[pairs[pair, 0] + 1]]
        other = hashes[bounds[pairs[pair, 1]] : bounds[pairs[pair, 1] + 1]]
        a, b, n_both = 0, 0, 0
        while a < len(one) and b < len(other):
            n_both += one[a] == other[b]
            a, b = a + (one[a] <= other[b]), b + (other[b] <= one[a])
        shares[pair] = n_both / max(len(one) + len(other) - n_both, 1)
