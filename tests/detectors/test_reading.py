"""A batch holds what each window reads, where its predictions stand, and what they predict."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.reading import Batch, Columns, Reading, batches_of
from detectors.windows import Window

IDS = [np.arange(10, 15), np.arange(20, 22), np.arange(30, 34)]
JOBS = [(0, Window(0, 1, 5)), (2, Window(1, 2, 4))]


def test_rows_hold_a_window_but_for_its_last_token_and_zeros() -> None:
    made = Batch(JOBS, (2, 4)).rows(IDS, [])

    assert made.tolist() == [[10, 11, 12, 13], [31, 32, 0, 0]]


def test_the_bos_token_stands_before_every_window() -> None:
    made = Batch(JOBS, (2, 5)).rows(IDS, [7])

    assert made.tolist() == [[7, 10, 11, 12, 13], [7, 31, 32, 0, 0]]


@given(
    lengths=st.lists(st.integers(0, 40), max_size=12),
    bos=st.sampled_from([[], [99]]),
    budget=st.integers(1, 200),
)
def test_every_token_is_predicted_once_from_the_token_before_it(
    lengths: list[int], bos: list[int], budget: int
) -> None:
    ids = [np.arange(n) + 100 * (i + 1) for i, n in enumerate(lengths)]
    reading = Reading(batch_tokens=budget)
    predicted: list[tuple[int, int]] = []

    for batch in batches_of(ids, reading, width=9, overlap=3, n_bos=len(bos), device="cpu"):
        before = batch.rows(ids, bos).ravel()[batch.places(bos)]
        predicted += zip(before.tolist(), batch.targets(ids).tolist(), strict=True)

    expected = [
        (int(token) - 1 if k else bos[0], int(token))
        for one in ids
        for k, token in enumerate(one)
        if k or bos
    ]
    assert sorted(predicted) == sorted(expected)


@pytest.mark.parametrize(("device", "batch_tokens"), [("cpu", 1024), ("cuda", 16_384)])
def test_a_batch_is_as_large_as_suits_its_device(device: str, batch_tokens: int) -> None:
    assert Reading().budget(device) == batch_tokens
    assert Reading(batch_tokens=1).budget(device) == 1


def test_no_batch_is_larger_than_its_budget() -> None:
    ids = [np.arange(n) for n in (50, 7, 400, 31, 31, 12)]

    made = list(
        batches_of(ids, Reading(batch_tokens=128), width=64, overlap=16, n_bos=0, device="cpu")
    )

    assert all(batch.shape[0] * batch.shape[1] <= 128 for batch in made)
    assert len(made) < sum(len(batch.jobs) for batch in made)


def test_values_are_put_where_their_window_predicts() -> None:
    columns = Columns([np.array([5, 6, 5, 6, 7]), np.array([5])], 1, [np.float32])

    columns.put([(0, Window(0, 3, 5))], [np.array([3.0, 4.0])])
    columns.put([(0, Window(0, 1, 3))], [np.array([1.0, 2.0])])

    (whole, n_distinct), (nothing, alone) = columns.rows()
    assert (whole.tolist(), n_distinct) == ([1.0, 2.0, 3.0, 4.0], 3)
    assert (nothing.tolist(), alone) == ([], 1)
