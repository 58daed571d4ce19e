"""A block's moments are those of plain float64 loops, on a CPU and by tensor operations."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.kernels import softmax_moments, token_statistics

LOGIT = st.floats(-120, 120, width=32)
BLOCK = st.integers(1, 40).flatmap(
    lambda m: st.lists(st.lists(LOGIT, min_size=m, max_size=m), min_size=1, max_size=4)
)
WAYS = [token_statistics._block_moments, token_statistics._block_moments_elsewhere]
ABSOLUTE = (0.0, 0.0, 2e-5, 1e-4)  # of maximum, mass, mean and squares
Way = Callable[[torch.Tensor, torch.Tensor | None], tuple[torch.Tensor, ...]]


def twin(logits: list[float], values: list[float]) -> tuple[float, float, float, float]:
    """Maximum, mass, mean and squares of one row, plainly."""
    top = max(logits)
    weights = [math.exp(x - top) for x in logits]
    mass = math.fsum(weights)
    mean = math.fsum(w * v for w, v in zip(weights, values, strict=True)) / mass
    squares = math.fsum(w * (v - mean) ** 2 for w, v in zip(weights, values, strict=True))
    return top, mass, mean, squares


def agree(made: tuple[torch.Tensor, ...], rows: list[tuple[float, ...]]) -> None:
    for got, expected, tolerance in zip(made, zip(*rows, strict=True), ABSOLUTE, strict=True):
        np.testing.assert_allclose(got.numpy(), expected, rtol=5e-6, atol=tolerance)


@pytest.mark.parametrize("way", WAYS, ids=["on_a_cpu", "elsewhere"])
@settings(max_examples=60, deadline=None)
@given(block=BLOCK)
def test_moments_of_the_logits_are_those_of_the_twin(way: Way, block: list[list[float]]) -> None:
    agree(way(torch.tensor(block), None), [twin(row, row) for row in block])


@pytest.mark.parametrize("way", WAYS, ids=["on_a_cpu", "elsewhere"])
def test_values_of_another_model_are_weighted_and_left_as_they_were(way: Way) -> None:
    made = torch.Generator().manual_seed(0)
    logits, values = (8 * torch.randn(7, 301, generator=made) for _ in range(2))
    rows = [twin(*row) for row in zip(logits.tolist(), values.tolist(), strict=True)]
    before = values.clone()

    agree(way(logits, values), rows)
    assert torch.equal(values, before)


@settings(max_examples=200, deadline=None)
@given(x=st.floats(-87, 0, width=32))
def test_exp_is_within_two_units_in_the_last_place(x: float) -> None:
    made, expected = float(softmax_moments.exp(np.float32(x))), math.exp(x)

    assert abs(made - expected) <= 2 * 2**-23 * expected


@pytest.mark.parametrize("x", [-87.5, -1e4, -math.inf])
def test_exp_far_below_is_next_to_nothing(x: float) -> None:
    assert 0 <= softmax_moments.exp(np.float32(x)) < 2e-38


def test_a_logit_that_is_not_a_number_comes_to_light() -> None:
    block = np.zeros((2, 50), np.float32)
    block[1, 17] = np.nan

    _, made = softmax_moments.block_moments(block)

    assert np.isfinite(made[:, 0]).all()
    assert np.isnan(made[:, 1]).all()


def test_only_larger_logits_are_counted() -> None:
    block = np.array([[1.0, 2.0, 3.0, 2.0], [0.0, 0.0, 0.0, 0.0]], np.float32)
    counts = np.array([10, 0])

    softmax_moments.count_above(block, np.array([2.0, -1.0], np.float32), counts)

    assert counts.tolist() == [11, 4]


SCRIPT = """
import sys
import numpy as np
from detectors.kernels.softmax_moments import block_moments
made = np.random.default_rng(0)
blocks = [made.normal(scale=4.0, size=(100, m)).astype(np.float32) for m in (1024, 1000)]
for block in blocks:
    for part in (*block_moments(block), *block_moments(block, block[::-1].copy())):
        sys.stdout.buffer.write(part.tobytes())
"""


def test_a_kernel_just_compiled_gives_the_bytes_of_one_from_the_cache(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", SCRIPT]

    first, second = (
        subprocess.run(command, env=environment, capture_output=True, check=True).stdout
        for _ in range(2)
    )

    assert any(tmp_path.rglob("*.nbc"))
    assert first == second
