"""PyTorch's CPU generator, emulated: bit for bit, against PyTorch itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from detectors.watermark import reference
from detectors.watermark.mersenne import are_green, draws, permutation, uniforms

SEEDS = (0, 1, 15_485_863 * 50_000, 2**40 + 5, 2**63 + 11)


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_randperm_is_pytorchs(seed: int) -> None:
    expected = torch.randperm(3000, generator=generator(seed)).tolist()

    assert permutation(seed & 0xFFFFFFFF, 3000).tolist() == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_randint_is_pytorchs(seed: int) -> None:
    expected = torch.randint(0, 2, (2000,), generator=generator(seed)).tolist()

    assert (draws(seed & 0xFFFFFFFF, 2000) % 2).tolist() == expected


def test_draws_and_shuffles_are_those_of_the_plain_twins() -> None:
    assert draws(4357, 2000).tolist() == reference.draws(4357, 2000)
    assert permutation(4357, 700).tolist() == reference.permutation(4357, 700)


def test_the_green_list_is_the_head_of_the_permutation() -> None:
    rng = np.random.default_rng(0)
    seeds = np.sort(rng.integers(0, 40, 300).astype(np.uint32))
    tokens = rng.integers(0, 2000, 300)
    heads = {s: set(torch.randperm(2000, generator=generator(s))[:500].tolist()) for s in range(40)}

    green = are_green(seeds, tokens, 2000, 500)

    assert green.tolist() == [t in heads[s] for s, t in zip(seeds.tolist(), tokens, strict=True)]


def test_every_token_of_a_seed_can_be_asked_at_once() -> None:
    tokens = np.arange(50)

    green = are_green(np.full(50, 7, np.uint32), tokens, 50, 49)

    assert set(np.flatnonzero(green)) == set(permutation(7, 50)[:49].tolist())


def test_rand_is_pytorchs() -> None:
    seeds = np.repeat(np.array([3, 99, 2**32 - 1], np.uint32), 4)
    tokens = np.array([0, 623, 624, 4999] * 3)

    expected = [
        float(torch.rand(5000, generator=generator(s))[t])
        for s, t in zip(seeds.tolist(), tokens, strict=True)
    ]

    assert uniforms(seeds, tokens).tolist() == expected
