"""Members that come whole, and those that come in pieces, hold the same records."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.sources.archive import ArchiveReader
from provenance.sources.codecs import codec
from provenance.sources.heads import WARC
from provenance.sources.limits import Limits
from provenance.sources.members import Members
from provenance.sources.open import ByteSource
from provenance.sources.records import Record
from provenance.sources.window import Window

LIMITS = Limits(record_bytes=9_000, header_bytes=2_000, bomb_bytes=30_000, bomb_ratio=20)


def contents(archives: Any) -> list[bytes]:
    """What a member may hold."""
    small, large = archives.record(1, b"<p>x"), archives.record(2, archives.prose(2, 8_000))
    return [
        small,
        large,
        archives.record(3, b"", kind="metadata"),
        small + large,
        small + large[:50],
        large[:-4],
        large[:-2],
        large[:-3_000],
        small + b"\r\n",
        b"\r\n" + small,
        b"\r\n",
        b"",
        b"prose",
        small + b"prose",
        archives.record(4, b"<p>x", WARC_Type="Response", X_Other="b"),
        archives.record(5, archives.prose(5, 100), Content_Length="20"),
        archives.record(6, archives.prose(6, 100), Content_Length="99999"),
        archives.record(7, b"<p>", WARC_Filename="x" * 1_900),
        archives.record(8, bytes(9_500)),
        archives.record(9, bytes(60_000)),
    ]


def read(data: bytes, compression: str, *, stop: int, whole_bytes: int) -> tuple[Any, ...]:
    """The records and rejects of `data`, as plain values, and where the reading ended."""
    source = ByteSource(io.BytesIO(data), len(data))
    chosen = codec(compression, source)
    assert chosen is not None
    pieces = Members(source, chosen, 0, begins=WARC.begins, limits=LIMITS, whole_bytes=whole_bytes)
    window = Window(pieces, begins=WARC.begins, exact=False)
    reader = ArchiveReader(window, WARC, stop=stop, size=len(data), limits=LIMITS)
    rows = [
        (row.position, row.head, row.block) if isinstance(row, Record) else row for row in reader
    ]
    return (*rows, reader.end)


@pytest.mark.parametrize("compression", ["gzip", "zstd", "lz4"])
@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), n_flips=st.sampled_from([0, 0, 0, 1, 3]), is_cut=st.booleans())
def test_whole_members_give_the_records_that_pieces_give(
    compression: str, seed: int, n_flips: int, is_cut: bool, archives: Any
) -> None:
    chance = random.Random(seed)
    held = contents(archives)
    members = archives.packed(chance.choices(held, k=chance.randint(1, 8)), compression)
    data = bytearray(b"".join(members))
    for _ in range(n_flips):
        data[chance.randrange(len(data))] ^= chance.randrange(256)
    if is_cut:
        del data[-chance.randint(1, 40) :]
    stop = chance.choice([len(data), len(data), chance.randint(0, len(data))])
    rows = read(bytes(data), compression, stop=stop, whole_bytes=2**21)

    assert rows == read(bytes(data), compression, stop=stop, whole_bytes=0)
    assert rows == read(bytes(data), compression, stop=stop, whole_bytes=5_000)


@pytest.mark.parametrize("compression", ["gzip", "zstd", "lz4"])
def test_a_sound_member_comes_in_one_piece_up_to_the_given_size(
    compression: str, archives: Any
) -> None:
    contents = [archives.prose(n, n_bytes) for n, n_bytes in enumerate((10, 60_000, 90_000))]
    members = archives.packed(contents, compression)
    source = ByteSource(io.BytesIO(b"".join(members)), sum(map(len, members)))
    chosen = codec(compression, source)
    assert chosen is not None
    pieces = list(Members(source, chosen, 0, begins=bool, limits=Limits(), whole_bytes=70_000))

    assert [piece.data for piece in pieces[:2]] == contents[:2]
    assert [piece.is_whole for piece in pieces[:2]] == [True, True]
    assert b"".join(piece.data for piece in pieces[2:]) == contents[2]
    assert not any(piece.is_whole for piece in pieces[2:])
