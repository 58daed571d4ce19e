"""Equal keys brought together."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.dedup import buckets
from provenance.dedup.buckets import Buckets, group

KEYS = st.lists(st.integers(0, 12).map(lambda k: k * 0x9E3779B97F4A7C15 % 2**64), max_size=60)


def as_lists(found: Buckets) -> list[list[int]]:
    bounds = zip(found.starts[:-1], found.starts[1:], strict=True)
    return [found.members[start:stop].tolist() for start, stop in bounds]


def grouped(keys: list[int]) -> Buckets:
    return group(np.array(keys, dtype=np.uint64), np.arange(len(keys), dtype=np.uint32))


@settings(deadline=None)
@given(KEYS)
def test_buckets_are_the_keys_that_stand_twice(keys: list[int]) -> None:
    expected = defaultdict(list)
    for number, key in enumerate(keys):
        expected[key].append(number)

    assert sorted(as_lists(grouped(keys))) == sorted(m for m in expected.values() if len(m) > 1)


def test_more_keys_than_are_grouped_at_once_lose_none() -> None:
    draw = np.random.default_rng(0)
    keys = draw.integers(0, 2**64, 30_000, dtype=np.uint64)
    order = draw.permutation(60_000)
    numbers = np.concatenate([np.arange(30_000), np.arange(30_000) + 30_000]).astype(np.uint32)

    found = group(np.tile(keys, 2)[order], numbers[order])

    assert sorted(as_lists(found)) == [[n, n + 30_000] for n in range(30_000)]


@settings(deadline=None)
@given(KEYS, st.integers(1, 5), st.integers(1, 9))
def test_pairs_are_each_member_with_the_heads(keys, heads, at_once) -> None:
    found = grouped(keys)
    expected = [
        [one, other]
        for members in as_lists(found)
        for one, other in combinations(members, 2)
        if one in members[:heads]
    ]
    before, buckets.PAIRS_AT_ONCE = buckets.PAIRS_AT_ONCE, at_once
    try:
        chunks = [chunk.tolist() for chunk in found.pairs(heads=heads)]
    finally:
        buckets.PAIRS_AT_ONCE = before

    assert sorted(pair for chunk in chunks for pair in chunk) == sorted(expected)
    assert all(0 < len(chunk) <= at_once for chunk in chunks)


def test_one_hot_bucket_has_a_linear_number_of_pairs() -> None:
    found = grouped([7] * 100_000)

    assert sum(map(len, found.pairs(heads=4))) < 400_000
