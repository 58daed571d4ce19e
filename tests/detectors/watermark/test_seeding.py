"""Seeds are those of the generators' own code, as the independent twin computes them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import watermarked as twin

from detectors.watermark.seeding import NAMES, seeding

V = 5000
KEY = 15_485_863


def contexts(width: int) -> np.ndarray:
    return np.random.default_rng(width).integers(0, V, (50, width))


def expected(seed_of, width: int) -> list[int]:
    return [seed_of(torch.from_numpy(row)) & 0xFFFFFFFF for row in contexts(width)]


def seeds(name: str, width: int, context_width: int | None = None, key: int = KEY) -> list[int]:
    return (
        seeding(name, key=key, context_width=context_width, vocab_size=V)
        .seeds(contexts(width))
        .tolist()
    )


@pytest.mark.parametrize("prf", twin.LM_PRFS)
@pytest.mark.parametrize("width", [2, 4, 6])
def test_lm_watermarking(prf: str, width: int) -> None:
    found = seeds(f"lm-watermarking/ff-{prf}-{width}-False", width)

    assert found == expected(twin.lm_watermarking_seed(prf, width, key=KEY), width)


@pytest.mark.parametrize("prf", ["multiplicative_prf", "anchored_minhash_prf"])
def test_large_keys_wrap_where_pytorch_wraps(prf: str) -> None:
    found = seeds(f"lm-watermarking/ff-{prf}-4-False", 4, key=2**61 + 1)

    assert found == expected(twin.lm_watermarking_seed(prf, 4, key=2**61 + 1), 4)


def test_transformers_selfhash() -> None:
    found = seeds("transformers-selfhash", 4, 4)

    assert found == expected(twin.transformers_selfhash_seed(4, key=KEY), 4)


def test_transformers_lefthash_is_the_last_token_times_the_key() -> None:
    assert seeds("transformers-lefthash", 1) == [
        KEY * int(token) & 0xFFFFFFFF for token in contexts(1)[:, 0]
    ]


@pytest.mark.parametrize("scheme", ["time", "additive", "skip", "min"])
@pytest.mark.parametrize("width", [1, 3])
def test_markllm(scheme: str, width: int) -> None:
    found = seeds(f"markllm-{scheme}", width, width)

    assert found == expected(twin.markllm_seed(scheme, width, key=KEY, vocab_size=V), width)


def test_markllm_exp() -> None:
    assert seeds("markllm-exp", 4) == expected(twin.markllm_exp_seed(4, key=KEY, vocab_size=V), 4)


def test_three_bricks() -> None:
    found = seeds("three-bricks-hash", 5, 5, key=35_317)

    assert found == expected(twin.three_bricks_seed(5, key=35_317), 5)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_gives_a_seeding(name: str) -> None:
    made = seeding(name, key=KEY, context_width=None, vocab_size=V)

    assert made.seeds(contexts(made.width)).dtype == np.uint32
    assert made.self_salt == (name.endswith(("selfhash", "algorithm-3")))


@pytest.mark.parametrize(
    "name",
    [
        "transformers",
        "lm-watermarking/ff-additive_prf-0-False",
        "lm-watermarking/ff-additive_prf-4-Maybe",
        "lm-watermarking/ff-minskipgram_prf-1-False",
        "lm-watermarking/ff-nosuch_prf-4-True",
        "markllm-max",
    ],
)
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="unknown seeding"):
        seeding(name, key=KEY, context_width=None, vocab_size=V)


def test_a_width_that_contradicts_the_name_is_refused() -> None:
    with pytest.raises(ValueError, match="is 4, not 3"):
        seeding("lm-watermarking/selfhash", key=KEY, context_width=3, vocab_size=V)
