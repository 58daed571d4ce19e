"""Sparse products agree with dense ones."""

from __future__ import annotations

import numpy as np

from detectors.kernels.sparse import column_sums, row_sums

COLUMNS = np.array([0, 2, 2, 1], np.int32)
VALUES = np.array([1.0, 2.0, -3.0, 4.0], np.float32)
BOUNDS = np.array([0, 2, 2, 4])
DENSE = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 0.0], [0.0, 4.0, -3.0]])


def test_row_sums_are_the_matrix_times_the_vector() -> None:
    vector, out = np.array([1.0, 10.0, 100.0]), np.empty(3)

    row_sums(COLUMNS, VALUES, BOUNDS, vector, out)

    assert out.tolist() == (DENSE @ vector).tolist()


def test_column_sums_are_the_transposed_matrix_times_the_vector() -> None:
    vector, out = np.array([1.0, 10.0, 100.0]), np.full(3, 7.0)

    column_sums(COLUMNS, VALUES, BOUNDS, vector, out)

    assert out.tolist() == (DENSE.T @ vector).tolist()
