"""Quantiles out of counts, against numpy over the values themselves."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.report.statistics import quantile, tenth_bounds

VALUES = st.lists(st.integers(0, 30), min_size=1, max_size=200)


@given(VALUES, st.sampled_from([0.1, 0.5, 0.9]))
def test_a_quantile_is_the_upper_end_of_its_bin(values: list[int], share: float) -> None:
    expected = np.quantile(values, share, method="inverted_cdf")

    assert quantile(Counter(values), share) == expected + 1


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="nothing"):
        quantile({}, 0.5)


@given(VALUES)
def test_tenths_end_where_the_values_do(values: list[int]) -> None:
    expected = [np.quantile(values, i / 10, method="inverted_cdf") for i in range(1, 10)]

    assert tenth_bounds(Counter(values)) == expected


def test_without_values_there_are_no_tenths() -> None:
    assert tenth_bounds({}) == []
