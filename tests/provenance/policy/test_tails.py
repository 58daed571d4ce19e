from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.policy.tails import tail_weights

RARITY = st.lists(st.one_of(st.just(math.nan), st.floats(-5, 5, width=16)), max_size=30)


def weights_in_python(rarity: list[float], protect: float, max_weight: float) -> list[float]:
    """The documented formula, one document at a time."""
    known = [value for value in rarity if not math.isnan(value)]
    weights = []
    for value in rarity:
        if math.isnan(value):
            weights.append(1.0)
            continue
        share = (sum(other >= value for other in known) - 1) / len(known)
        weights.append(1 + (max_weight - 1) * max(0.0, 1 - share / protect))
    return weights


@given(RARITY, st.floats(0.01, 1), st.floats(1, 10))
def test_weights_agree_with_the_plain_python_twin(
    rarity: list[float], protect: float, max_weight: float
) -> None:
    weights = tail_weights(np.array(rarity), protect=protect, max_weight=max_weight)

    expected = weights_in_python(rarity, protect, max_weight)
    assert weights.tolist() == pytest.approx(expected, rel=1e-6)


def test_the_rarest_weighs_most_and_the_weight_falls_to_one_at_the_protected_share() -> None:
    rarity = np.arange(100.0)

    weights = tail_weights(rarity, protect=0.04, max_weight=5)

    assert weights[-6:].tolist() == [1, 1, 2, 3, 4, 5]
    assert weights[:-6].max() == 1


def test_when_all_are_equally_rare_none_stands_out() -> None:
    weights = tail_weights(np.zeros(100), protect=0.05, max_weight=4)

    assert weights.tolist() == [1.0] * 100


@pytest.mark.parametrize("rarity", [[], [math.nan, math.nan]])
def test_unknown_rarity_weighs_one(rarity: list[float]) -> None:
    weights = tail_weights(np.array(rarity), protect=0.5, max_weight=4)

    assert weights.dtype == np.float32
    assert weights.tolist() == [1.0] * len(rarity)
