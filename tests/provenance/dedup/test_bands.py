"""Keys of bands of signatures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from provenance.dedup.bands import NO_KEY, band_keys
from provenance.dedup.minhash import EMPTY

VALUES = st.integers(0, 2**32 - 1)


def key_in_plain_numbers(band: int, values: list[int]) -> int:
    """The documented steps, on Python's numbers."""
    if all(value == EMPTY for value in values):
        return int(NO_KEY)
    key = (band + 1) * 0xC2B2AE3D27D4EB4F % 2**64
    for value in values:
        key = (key ^ value) * 0x9E3779B97F4A7C15 % 2**64
        key ^= key >> 29
    return key


@settings(deadline=None)
@example([0] * 8 + [EMPTY] * 2 + [0] * 2, (5, 2))
@given(st.lists(VALUES, min_size=12, max_size=12), st.sampled_from([(1, 12), (3, 4), (5, 2)]))
def test_keys_are_what_is_documented(values: list[int], shape: tuple[int, int]) -> None:
    bands, rows = shape
    expected = [
        key_in_plain_numbers(band, values[band * rows : (band + 1) * rows]) for band in range(bands)
    ]

    keys = band_keys(np.array([values], dtype=np.uint32), bands=bands, rows=rows)

    assert keys.tolist() == [expected]


def test_equal_values_in_two_bands_have_two_keys() -> None:
    first, second = band_keys(np.full((1, 8), 7, dtype=np.uint32), bands=2, rows=4)[0]

    assert first != second


def test_one_other_value_makes_another_key() -> None:
    signatures = np.arange(9 * 8, dtype=np.uint32).reshape(9, 8) * 0 + 5
    signatures[np.arange(1, 9), np.arange(8)] = 6

    assert len(np.unique(band_keys(signatures, bands=1, rows=8))) == 9


@pytest.mark.parametrize("bits", [1, 8])
def test_leading_bits_of_keys_are_even(bits: int) -> None:
    signatures = np.arange(1 << 16, dtype=np.uint32).reshape(-1, 1)
    counts = np.bincount(band_keys(signatures, bands=1, rows=1)[:, 0] >> np.uint64(64 - bits))

    assert counts.min() > 0.6 * counts.mean()


def test_a_text_without_words_has_no_keys() -> None:
    empty = np.full((1, 8), 0xFFFFFFFF, dtype=np.uint32)

    assert band_keys(empty, bands=2, rows=4).tolist() == [[NO_KEY, NO_KEY]]
