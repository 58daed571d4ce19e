"""Products of a matrix in CSR form with a vector, each row a document."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]


@njit(cache=True, nogil=True)
def row_sums(
    columns: NDArray[np.int32],
    values: NDArray[np.float32],
    bounds: NDArray[np.int64],
    vector: Vector,
    out: Vector,
) -> None:
    """out = A @ vector. vector: float64 [columns]; out: float64 [rows]."""
    for i in range(len(bounds) - 1):
        total = 0.0
        for k in range(bounds[i], bounds[i + 1]):
            total += values[k] * vector[columns[k]]
        out[i] = total


@njit(cache=True, nogil=True)
def column_sums(
    columns: NDArray[np.int32],
    values: NDArray[np.float32],
    bounds: NDArray[np.int64],
    vector: Vector,
    out: Vector,
) -> None:
    """out = A.T @ vector. vector: float64 [rows]; out: float64 [columns]."""
    out[:] = 0.0
    for i in range(len(bounds) - 1):
        for k in range(bounds[i], bounds[i + 1]):
            out[columns[k]] += values[k] * vector[i]
