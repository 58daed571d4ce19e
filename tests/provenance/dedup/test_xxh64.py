"""The hash against the reference implementation."""

from __future__ import annotations

import numpy as np
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.dedup.xxh64 import OVERREAD, xxh64, xxh64_slices


@given(st.binary(max_size=100))
@settings(max_examples=200, deadline=None)
def test_the_hash_of_a_slice_is_that_of_the_reference(data: bytes) -> None:
    held = np.frombuffer(b"x" + data + b"y", dtype=np.uint8)

    found = xxh64(held, np.uint64(1), np.uint64(1 + len(data)))

    assert int(found) == xxhash.xxh64_intdigest(data)


def test_the_hash_of_nothing_is_the_published_one() -> None:
    found = xxh64(np.zeros(1, dtype=np.uint8), np.uint64(0), np.uint64(0))

    assert int(found) == 0xEF46DB3751D8E999


@given(st.lists(st.binary(max_size=40) | st.binary(min_size=60, max_size=140), max_size=80))
@settings(max_examples=200, deadline=None)
def test_many_slices_have_the_hashes_of_each(slices: list[bytes]) -> None:
    stops = np.cumsum([len(one) for one in slices], dtype=np.int64)
    starts = stops - [len(one) for one in slices]
    data = np.frombuffer(b"".join(slices) + b"\xa5" * OVERREAD, dtype=np.uint8)
    found = np.empty(len(slices), dtype=np.uint64)

    xxh64_slices(data, starts.astype(np.int64), stops, found)

    assert found.tolist() == [xxhash.xxh64_intdigest(one) for one in slices]
