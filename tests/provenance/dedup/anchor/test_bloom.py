"""The filter: what was put in is found, and what was not is found as seldom as stated."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.dedup.anchor import bloom


def filled(keys: np.ndarray) -> np.ndarray:
    words = np.zeros((bloom.n_blocks(len(keys)), bloom.WORDS), dtype=np.uint64)
    bloom.insert(words, keys)
    return words


def answers(words: np.ndarray, keys: np.ndarray) -> np.ndarray:
    held = np.zeros(len(keys), dtype=np.uint8)
    bloom.may_hold(words, keys, held)
    return held


def sampled(rng: np.random.Generator, n: int) -> np.ndarray:
    """Keys like probes of long texts: 64 bits, the low half below 2**28."""
    return rng.integers(0, 2**32, n, dtype=np.uint64) << np.uint64(32) | rng.integers(
        0, 2**28, n, dtype=np.uint64
    )


@given(st.lists(st.integers(0, 2**64 - 1), max_size=300))
@settings(max_examples=60, deadline=None)
def test_every_key_that_was_put_in_is_found(given: list[int]) -> None:
    keys = np.array(given, dtype=np.uint64)

    assert answers(filled(keys), keys).all()


def test_other_keys_are_found_as_seldom_as_stated() -> None:
    rng = np.random.default_rng(0)
    words = filled(sampled(rng, 200_000))

    rate = answers(words, sampled(rng, 400_000)).mean()

    assert bloom.FALSE_POSITIVE_RATE / 4 < rate < bloom.FALSE_POSITIVE_RATE


def test_places_are_ordered_by_part_and_each_comes_once() -> None:
    keys = np.random.default_rng(1).integers(0, 2**64, 5000, dtype=np.uint64)
    starts = np.zeros(33, dtype=np.int64)

    places = bloom.in_order(keys, starts)

    parts = [int(bloom.block_of(key, 32)) for key in keys[places]]
    assert parts == sorted(parts)
    assert sorted(places.tolist()) == list(range(5000))
    assert starts.tolist() == np.searchsorted(parts, np.arange(33)).tolist()


def test_ascending_keys_have_ascending_blocks() -> None:
    keys = np.sort(np.random.default_rng(2).integers(0, 2**64, 1000, dtype=np.uint64))

    blocks = [int(bloom.block_of(key, 77)) for key in keys]

    assert blocks == sorted(blocks)
    assert 0 <= blocks[0] <= blocks[-1] < 77
