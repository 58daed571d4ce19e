"""Windows cover every token once; batches keep to their budget."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.windows import Window, batches, windows

SHAPES = st.integers(2, 40).flatmap(lambda w: st.tuples(st.just(w), st.integers(1, w - 1)))


@given(n=st.integers(0, 300), shape=SHAPES, first=st.integers(0, 1))
def test_every_token_is_predicted_exactly_once_and_in_order(
    n: int, shape: tuple[int, int], first: int
) -> None:
    width, overlap = shape

    made = list(windows(n, width=width, overlap=overlap, first=first))

    assert [i for w in made for i in range(w.first, w.stop)] == list(range(first, n))


@given(n=st.integers(2, 300), shape=SHAPES)
def test_windows_are_full_and_every_token_has_its_context(n: int, shape: tuple[int, int]) -> None:
    width, overlap = shape

    made = list(windows(n, width=width, overlap=overlap))

    assert all(w.stop - w.start == min(n, width) for w in made)
    assert all(w.first - w.start >= overlap for w in made[1:])


def test_the_windows_of_the_drawing() -> None:
    made = list(windows(10, width=5, overlap=2))

    assert made == [Window(0, 1, 5), Window(3, 5, 8), Window(5, 8, 10)]


@pytest.mark.parametrize(("width", "overlap"), [(5, 0), (5, 5), (1, 1), (0, 0)])
def test_windows_that_would_not_move_are_refused(width: int, overlap: int) -> None:
    with pytest.raises(ValueError, match=f"overlap {overlap} is not between"):
        list(windows(10, width=width, overlap=overlap))


@given(lengths=st.lists(st.integers(1, 60)), budget=st.integers(1, 200))
def test_batches_hold_everything_once_within_the_budget(lengths: list[int], budget: int) -> None:
    made = list(batches(lengths, budget=budget))

    assert sorted(i for batch in made for i in batch) == list(range(len(lengths)))
    for batch in made:
        padded = len(batch) * max(lengths[i] for i in batch)
        assert padded <= budget or len(batch) == 1


@given(lengths=st.lists(st.integers(1, 60)))
def test_batches_go_from_long_to_short(lengths: list[int]) -> None:
    order = [lengths[i] for batch in batches(lengths, budget=100) for i in batch]

    assert order == sorted(lengths, reverse=True)
