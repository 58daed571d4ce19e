"""Digests of bytes as they are read: the same as hashing the range, however it was read."""

from __future__ import annotations

import hashlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.sources.open import ByteSource


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Counting(io.BytesIO):
    """Counts the bytes it gives out."""

    n_given = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.n_given += len(data)
        return data


@settings(deadline=None)
@given(
    st.binary(max_size=200),
    st.integers(0, 220),
    st.integers(0, 220),
    st.lists(st.tuples(st.integers(0, 220), st.integers(0, 90)), max_size=12),
)
def test_any_way_of_reading_gives_the_digest_of_the_range(
    data: bytes, start: int, stop: int, reads: list[tuple[int, int]]
) -> None:
    source = ByteSource(io.BytesIO(data), len(data))
    source.watch(range(start, stop))

    for offset, n_bytes in reads:
        source.read_at(offset, n_bytes)

    assert source.digest() == sha256(data[start:stop])


def test_what_is_read_in_order_is_read_once() -> None:
    file = Counting(bytes(range(256)) * 40)
    source = ByteSource(file, 10240)
    source.watch(range(100, 9000))

    for offset in range(0, 9500, 500):
        source.read_at(offset, 500)
        source.read_at(max(0, offset - 20), 10)
    before = file.n_given
    digest = source.digest()

    assert digest == sha256(file.getvalue()[100:9000])
    assert file.n_given == before


def test_a_source_that_watches_nothing_has_no_digest() -> None:
    with pytest.raises(ValueError, match="nothing is watched"):
        ByteSource(io.BytesIO(b""), 0).digest()
