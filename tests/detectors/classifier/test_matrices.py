"""Stored matrices are near what they were made from."""

from __future__ import annotations

import numpy as np

from detectors.classifier.matrices import Table


def test_a_table_is_within_a_hundredth_of_a_rows_largest_value() -> None:
    values = np.random.default_rng(1).normal(size=(50, 8)).astype(np.float32)
    values[7] = 0

    stored = Table.rounded(values).values(np.arange(50, dtype=np.int32))

    limit = np.abs(values).max(axis=1, keepdims=True) / 100
    assert (np.abs(stored - values) <= limit).all()
    assert not stored[7].any()
