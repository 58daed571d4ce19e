from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.policy.curriculum import Emitted, curriculum_order, interleave, widest_gap

COUNTS = st.lists(st.integers(0, 40), min_size=1, max_size=7).filter(any)


def window_deviation(classes: npt.NDArray[np.int64], n_classes: int) -> float:
    """The most that any window of the order holds beyond or below a class's share."""
    n = len(classes)
    widest = 0.0
    for number in range(n_classes):
        marked = classes == number
        excess = np.concatenate(([0.0], np.cumsum(marked - marked.mean() if n else marked)))
        widest = max(widest, float(excess.max() - excess.min()))
    return widest


def places_in_python(counts: list[int]) -> list[int]:
    """Tijdeman's rule as he states it, in exact fractions, one place at a time."""
    classes = [i for i, count in enumerate(counts) if count]
    n, k = sum(counts), len(classes)
    if k == 1:
        return [classes[0]] * n
    share = {i: Fraction(counts[i], n) for i in classes}
    bound = Fraction(1, 2 * k - 2)
    held = dict.fromkeys(classes, 0)
    order = []
    for place in range(1, n + 1):
        lacking = [i for i in classes if share[i] * place - held[i] >= bound]
        chosen = min(lacking, key=lambda i: (1 - bound - (share[i] * place - held[i])) / share[i])
        held[chosen] += 1
        order.append(chosen)
    return order


def rows(
    n: int, *, strata: list[float], rare: float = 0.05, human: float = 0.3, seed: int = 0
) -> Emitted:
    rng = np.random.default_rng(seed)
    return Emitted(
        ids=rng.integers(0, 2**63, (n, 2)).astype(np.uint64),
        strata=rng.choice(len(strata), n, p=strata),
        passes=rng.integers(0, 2, n),
        is_rare=rng.random(n) < rare,
        is_human=rng.random(n) < human,
    )


@settings(deadline=None)  # the first example compiles
@given(COUNTS)
def test_the_order_of_classes_agrees_with_the_exact_rule(counts: list[int]) -> None:
    places = interleave(counts)

    assert places.tolist() == places_in_python(counts)


@settings(deadline=None)  # the first example compiles
@given(COUNTS)
def test_every_prefix_holds_every_share_to_within_one(counts: list[int]) -> None:
    places = interleave(counts)

    n, k = sum(counts), sum(count > 0 for count in counts)
    bound = 1 - 1 / (2 * k - 2) if k > 1 else 0
    for number, count in enumerate(counts):
        held = np.cumsum(places == number)
        assert held[-1] == count
        assert np.abs(held - np.arange(1, n + 1) * count / n).max() <= bound + 1e-9


def test_every_window_of_a_million_rows_holds_every_stratum_to_within_two_documents() -> None:
    emitted = rows(1_000_000, strata=[0.6, 0.25, 0.1, 0.04, 0.01])

    order = curriculum_order(emitted, seed=3)

    assert np.array_equal(np.sort(order), np.arange(1_000_000))
    assert window_deviation(emitted.strata[order], 5) < 2


def test_within_a_stratum_rare_and_human_documents_are_spread_evenly() -> None:
    emitted = rows(50_000, strata=[0.7, 0.3])

    order = curriculum_order(emitted, seed=0)

    for stratum in (0, 1):
        members = order[emitted.strata[order] == stratum]
        kinds = emitted.is_rare[members] * 2 + emitted.is_human[members]
        assert window_deviation(kinds, 4) < 2


def test_documents_come_once_before_any_comes_again() -> None:
    emitted = rows(2_000, strata=[1.0], rare=0, human=0)

    order = curriculum_order(emitted, seed=0)

    assert np.all(np.diff(emitted.passes[order]) >= 0)


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_given_changes_nothing(random: object) -> None:
    emitted = rows(300, strata=[0.5, 0.3, 0.2])
    shuffled = list(range(300))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    moved = Emitted(*(getattr(emitted, name)[shuffled] for name in Emitted.__slots__))

    order = curriculum_order(moved, seed=9)

    assert np.array_equal(moved.ids[order], emitted.ids[curriculum_order(emitted, seed=9)])


def test_the_seed_changes_the_order() -> None:
    emitted = rows(300, strata=[0.5, 0.5])

    first, second = (curriculum_order(emitted, seed=seed) for seed in (1, 2))

    assert not np.array_equal(first, second)


@pytest.mark.parametrize(
    ("marked", "gap"),
    [([], 0), ([0], 1), ([1], 0), ([0, 0, 1, 0], 2), ([1, 0, 0, 0], 3), ([1, 0, 1, 0, 0, 1], 2)],
)
def test_the_widest_gap_counts_the_ends_too(marked: list[int], gap: int) -> None:
    assert widest_gap(np.array(marked, dtype=bool)) == gap
