"""Stored matrices are near what they were made from, and exact where that was of their form."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.classifier.matrices import GROUP, Nibbles, Table
from detectors.kernels.reference_trunk import nibble


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    made = np.random.default_rng(1).normal(size=(50, 3 * GROUP)).astype(np.float32)
    made[7] = 0
    made[8] = 0.25
    return made


def test_a_table_is_within_a_hundredth_of_a_rows_largest_value(values: np.ndarray) -> None:
    stored = Table.rounded(values)

    limit = np.abs(values).max(axis=1, keepdims=True) / 100
    assert (np.abs(stored.whole() - values) <= limit).all()
    assert not stored.whole()[7].any()
    assert np.array_equal(stored.values(np.array([3, 3, 0], np.int32)), stored.whole()[[3, 3, 0]])


def test_four_bits_are_within_half_a_step_of_each_group(values: np.ndarray) -> None:
    groups = values.reshape(50, 3, GROUP)
    step = (groups.max(axis=2) - groups.min(axis=2)) / 15

    off = np.abs(Nibbles.rounded(values).whole() - values).reshape(50, 3, GROUP)

    assert (off.max(axis=2) <= 0.55 * step + 1e-6).all()
    assert np.array_equal(Nibbles.rounded(values).whole()[8], values[8])


def test_a_matrix_in_four_bits_comes_back_as_it_was(values: np.ndarray) -> None:
    once = Nibbles.rounded(values).whole()

    assert np.allclose(Nibbles.rounded(once).whole(), once, rtol=0, atol=2e-3)


def test_four_bits_read_as_the_plain_twin_reads_them(values: np.ndarray) -> None:
    stored = Nibbles.rounded(values)

    twin = [
        [
            nibble(
                int(stored.packed[i, j // 2]), j % 2, scale=float(stored.scales[i, j // GROUP]),
                least=float(stored.least[i, j // GROUP]),
            )
            for j in range(values.shape[1])
        ]
        for i in range(4)
    ]  # fmt: skip

    assert stored.whole()[:4] == pytest.approx(np.array(twin), abs=1e-5)
