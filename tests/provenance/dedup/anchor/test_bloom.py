"""The filter: what was put in is found, and what was not is found as seldom as stated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.dedup.anchor import bloom


def filled(keys: np.ndarray) -> np.ndarray:
    words = np.zeros((bloom.n_blocks(len(keys)), bloom.WORDS), dtype=np.uint64)
    bloom.insert(words, keys)
    return words


def by_part(keys: np.ndarray, more: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The entries of all keys, and where those of each part begin."""
    counts = np.zeros(bloom.PARTS, dtype=np.int64)
    entries = np.zeros(len(keys) + len(more), np.uint64)
    bloom.count_parts(keys, counts)
    bloom.count_parts(more, counts)
    starts = np.concatenate([[0], np.cumsum(counts)])
    ends = starts[:-1].copy()
    bloom.distribute(keys, 0, ends, np.ones_like(ends), entries)
    bloom.distribute(more, len(keys), ends, np.ones_like(ends), entries)
    assert ends.tolist() == starts[1:].tolist()
    return entries, starts


def answers(words: np.ndarray, keys: np.ndarray, n_first: int | None = None) -> np.ndarray:
    """Whether each key is found, the first of them given as one array, the others as another."""
    keys, more = keys[:n_first], keys[len(keys[:n_first]) :]
    entries, starts = by_part(keys, more)
    n_held = bloom.sift(words, 0, starts, entries, keys, more)
    return np.isin(np.arange(len(keys) + len(more)), entries[:n_held])


def plain_answer(words: np.ndarray, key: int) -> bool:
    """The rule of the module, in Python's whole numbers."""
    block = ((key >> 32) * len(words)) >> 32
    bits = (key & 0xFFFFFFFF) * 0x9E3779B97F4A7C15 % 2**64
    for word in words[block].tolist():
        bits = (bits << 6 | bits >> 58) % 2**64
        if not word >> (bits & 63) & 1:
            return False
    return True


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


@pytest.mark.parametrize("n", [0, 1, 255, 256, 257, 3000])
def test_the_answer_is_that_of_the_plain_rule(n: int) -> None:
    rng = np.random.default_rng(n)
    words = rng.integers(0, 2**64, (50, bloom.WORDS), dtype=np.uint64)
    keys = rng.integers(0, 2**64, n, dtype=np.uint64)

    expected = [plain_answer(words, key) for key in keys.tolist()]
    assert answers(words, keys).tolist() == expected
    assert answers(words, keys, n // 3).tolist() == expected


def test_other_keys_are_found_as_seldom_as_stated() -> None:
    rng = np.random.default_rng(0)
    words = filled(sampled(rng, 200_000))

    rate = answers(words, sampled(rng, 400_000)).mean()

    assert bloom.FALSE_POSITIVE_RATE / 4 < rate < bloom.FALSE_POSITIVE_RATE


def test_the_parts_can_be_asked_for_one_after_another() -> None:
    rng = np.random.default_rng(3)
    words = rng.integers(0, 2**64, (50, bloom.WORDS), dtype=np.uint64)
    keys = rng.integers(0, 2**64, 5000, dtype=np.uint64)
    entries, starts = by_part(keys, keys[:0])
    places: list[int] = []

    for part in range(0, bloom.PARTS, 32):
        some = starts[part : part + 33]
        n_held = bloom.sift(words, part, some, entries, keys, keys[:0])
        places += entries[some[0] : some[0] + n_held].tolist()

    assert sorted(places) == np.flatnonzero(answers(words, keys)).tolist()


def test_entries_are_by_part_and_in_it_in_the_order_given() -> None:
    keys = np.random.default_rng(1).integers(0, 2**64, 5000, dtype=np.uint64)
    parts = (keys >> np.uint64(55)).astype(int)
    counts = np.zeros(bloom.PARTS, dtype=np.int64)
    bloom.count_parts(keys, counts)
    assert counts.tolist() == np.bincount(parts, minlength=bloom.PARTS).tolist()

    entries = np.zeros(5001, np.uint64)
    wanted = np.isin(np.arange(bloom.PARTS), [3, 4, 500])
    ends = np.where(wanted, np.cumsum(counts * wanted) - counts * wanted, 5000)
    bloom.distribute(keys, 7, ends, wanted.astype(np.int64), entries)

    expected = np.concatenate([np.flatnonzero(parts == part) for part in (3, 4, 500)])
    filled = entries[: len(expected)]
    assert (filled % bloom.MAX_KEYS).tolist() == (expected + 7).tolist()
    assert (filled >> np.uint64(41)).tolist() == (
        keys[expected] >> np.uint64(32) & 2**23 - 1
    ).tolist()
    assert not entries[len(expected) : 5000].any()


def test_ascending_keys_have_ascending_blocks() -> None:
    keys = np.sort(np.random.default_rng(2).integers(0, 2**64, 1000, dtype=np.uint64))

    blocks = [int(bloom.block_of(key, 77)) for key in keys]

    assert blocks == sorted(blocks)
    assert 0 <= blocks[0] <= blocks[-1] < 77
