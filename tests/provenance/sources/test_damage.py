"""200 responses, one fault: what must come back, and what must be on record."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

COMPRESSIONS = {"gzip": ".warc.gz", "zstd": ".warc.zst", "lz4": ".warc.lz4", "": ".warc"}
N = 200


@pytest.fixture(scope="module", params=list(COMPRESSIONS))
def shard(request: pytest.FixtureRequest, archives: Any) -> tuple[str, list[bytes]]:
    """The file name and the members of an intact shard."""
    records = [archives.record(number) for number in range(N)]
    return "shard" + COMPRESSIONS[request.param], archives.packed(records, request.param)


def start_of(members: list[bytes], number: int) -> int:
    return [0, *accumulate(map(len, members))][number]


def ids(reading: Any) -> set[int]:
    return {int(row["headers"][-1][1]) for row in reading.documents}


def test_an_intact_shard_is_read_whole(
    shard: Any, archives: Any, write: Callable[..., Path]
) -> None:
    name, members = shard

    reading = archives.read(write(name, *members))

    assert ids(reading) == set(range(N))
    assert reading.rejects == []
    assert len({row["source_pos"] for row in reading.documents}) == N


def test_flipped_bytes_cost_one_record(
    shard: Any, archives: Any, write: Callable[..., Path]
) -> None:
    name, members = shard
    broken = bytearray(members[101])
    middle = len(broken) // 2
    broken[middle : middle + 20] = bytes(byte ^ 0xA5 for byte in broken[middle : middle + 20])

    reading = archives.read(write(name, *members[:101], bytes(broken), *members[102:]))

    assert set(range(N)) - ids(reading) <= {101}
    assert reading.n_records == N
    if name != "shard.warc":  # plain text has no checksum
        assert reading.reasons == [("damaged_record", start_of(members, 101))]


def test_flipped_bytes_leave_the_address_of_a_gzip_record_on_record(
    archives: Any, write: Callable[..., Path]
) -> None:
    members = archives.packed([archives.record(number) for number in range(3)], "gzip")
    broken = bytearray(members[1])
    broken[-2000:-1980] = b"\xff" * 20

    (reject,) = archives.read(write("a.warc.gz", members[0], bytes(broken), members[2])).rejects

    assert reject["url"] == "https://example.org/1"
    assert reject["record_id"] == f"<urn:uuid:{1:032x}>"


@pytest.mark.parametrize("n_bytes", [5, 500, 3000])
def test_bytes_cut_out_of_a_record_cost_that_record_alone(
    n_bytes: int, shard: Any, archives: Any, write: Callable[..., Path]
) -> None:
    """In a plain file the record then reaches into the next one, which must not be swallowed.

    Up to four bytes less look like the missing line ends that many writers leave out.
    """
    name, members = shard
    broken = members[101]
    begin = len(broken) // 2
    end = begin + min(n_bytes, len(broken) // 3)

    reading = archives.read(
        write(name, *members[:101], broken[:begin], broken[end:], *members[102:])
    )

    assert set(range(N)) - ids(reading) == {101}
    assert reading.n_records == N
    assert start_of(members, 101) in [position for _, position in reading.reasons]


def test_a_cut_out_middle_costs_the_records_it_touches(
    shard: Any, archives: Any, write: Callable[..., Path]
) -> None:
    name, members = shard
    data = b"".join(members)
    begin = start_of(members, 101) + len(members[101]) // 2
    end = start_of(members, 103) + len(members[103]) // 2 + 7

    reading = archives.read(write(name, data[:begin], data[end:]))

    assert set(range(N)) - ids(reading) == {101, 102, 103}
    assert start_of(members, 101) in [position for _, position in reading.reasons]


@pytest.mark.parametrize("seed", range(3))
def test_garbage_between_records_costs_none(
    seed: int, shard: Any, archives: Any, write: Callable[..., Path]
) -> None:
    name, members = shard
    garbage = random.Random(seed).randbytes(5000)

    reading = archives.read(write(name, *members[:101], garbage, *members[101:]))

    assert ids(reading) == set(range(N))
    assert reading.n_records == N
    assert {reason for reason, _ in reading.reasons} == {"garbage_bytes"}
    assert abs(reading.reasons[0][1] - start_of(members, 101)) < 4


def test_zeroed_bytes_cost_one_record(
    shard: Any, archives: Any, write: Callable[..., Path]
) -> None:
    name, members = shard
    data = bytearray(b"".join(members))
    begin = start_of(members, 101) + 100
    n_bytes = min(4096, len(members[101]) - 200)
    data[begin : begin + n_bytes] = bytes(n_bytes)

    reading = archives.read(write(name, bytes(data)))

    assert set(range(N)) - ids(reading) <= {101}


def test_4_kilobytes_zeroed_across_a_boundary_cost_the_two_records(
    shard: Any, archives: Any, write: Callable[..., Path]
) -> None:
    name, members = shard
    data = bytearray(b"".join(members))
    begin = start_of(members, 101) - 2048
    data[begin : begin + 4096] = bytes(4096)

    reading = archives.read(write(name, bytes(data)))

    assert set(range(N)) - ids(reading) <= {100, 101}
    assert reading.rejects


def test_a_truncated_file_says_how_much_of_the_last_record_is_there(
    shard: Any, archives: Any, write: Callable[..., Path]
) -> None:
    name, members = shard
    data = b"".join(members)[: start_of(members, 151) + len(members[151]) // 2]

    reading = archives.read(write(name, data))
    (reject,) = reading.rejects

    assert ids(reading) == set(range(151))
    assert (reject["reason"], reject["source_pos"]) == ("truncated_record", start_of(members, 151))
    if ".zst" not in name and ".lz4" not in name:  # their blocks decode whole or not at all
        n_there, of, n_declared = reject["detail"].split()[:3]
        assert of == "of"
        assert 0 < int(n_there) < int(n_declared)


def test_a_file_cut_inside_the_last_checksum_loses_no_page(
    archives: Any, write: Callable[..., Path]
) -> None:
    members = archives.packed([archives.record(number) for number in range(3)], "gzip")

    reading = archives.read(write("a.warc.gz", b"".join(members)[:-4]))

    assert len(reading.documents) == 3
    assert [row["is_record"] for row in reading.rejects] == [False]


def test_a_wrong_checksum_is_damage(archives: Any, write: Callable[..., Path]) -> None:
    members = archives.packed([archives.record(number) for number in range(3)], "gzip")
    members[1] = members[1][:-8] + b"\0\0\0\0" + members[1][-4:]

    reading = archives.read(write("a.warc.gz", *members))

    assert reading.reasons == [("damaged_record", len(members[0]))]
    assert len(reading.documents) == 2


def test_a_wrong_checksum_is_damage_though_all_of_the_block_was_there(
    archives: Any, write: Callable[..., Path]
) -> None:
    record = archives.record(0, b"<p>x") + b"\r\n" * 200
    member = bytearray(gzip.compress(record, 0, mtime=0))
    member[-8] ^= 1

    reading = archives.read(write("a.warc.gz", bytes(member)))

    assert reading.reasons == [("damaged_record", 0)]


def test_records_swallowed_by_a_damaged_one_are_recovered(
    archives: Any, write: Callable[..., Path]
) -> None:
    # A stored block says how long it is: with its middle gone, it takes what follows for its own.
    noise = random.Random(0).randbytes(300_000)
    large = gzip.compress(archives.record(0, noise), 0, mtime=0)
    small = archives.packed([archives.record(n) for n in range(1, 40)], "gzip")

    reading = archives.read(write("a.warc.gz", large[:200_000], large[-20:], *small))

    assert ids(reading) == set(range(1, 40))
    assert reading.reasons == [("damaged_record", 0)]


def test_damage_in_the_one_member_of_a_whole_file_costs_what_follows(
    archives: Any, write: Callable[..., Path]
) -> None:
    records = [archives.record(number) for number in range(20)]
    (member,) = archives.packed([b"".join(records)], "gzip")
    broken = bytearray(member)
    broken[len(broken) // 2 : len(broken) // 2 + 400] = b"\xff" * 400

    reading = archives.read(write("a.warc.gz", bytes(broken)))

    assert 5 < len(reading.documents) < 15
    assert reading.reasons[0][0] == "damaged_record"
