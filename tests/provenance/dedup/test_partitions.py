"""Records on disk by range of their keys."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.dedup.partitions import MAX_PARTITIONS, Partitions, partition_count
from provenance.errors import RunError

KEYS = st.lists(st.integers(1, 2**64 - 1), max_size=50)


def written(folder: Path, keys: list[int], *, n_partitions: int, at_once: int = 7) -> list:
    """What is read back of `keys` numbered from 0: a list of partitions of pairs."""
    with Partitions(folder, n_partitions=n_partitions) as table:
        for start in range(0, len(keys), at_once):
            chunk = np.array(keys[start : start + at_once], dtype=np.uint64).reshape(-1, 1)
            table.write(chunk, np.arange(start, start + len(chunk), dtype=np.uint32))
        return [list(zip(k.tolist(), n.tolist(), strict=True)) for k, n in table.read()]


@settings(deadline=None, max_examples=30)
@given(keys=KEYS, bits=st.integers(0, 6))
def test_what_is_written_is_read_once_in_ranges(tmp_path_factory, keys, bits) -> None:
    parts = written(tmp_path_factory.mktemp("p"), keys, n_partitions=1 << bits)

    assert sorted(pair for part in parts for pair in part) == sorted(
        (key, number) for number, key in enumerate(keys)
    )
    assert all(key >> (64 - bits) == at for at, part in enumerate(parts) for key, _ in part)
    assert all([n for _, n in part] == sorted(n for _, n in part) for part in parts)


def test_every_key_of_a_row_gets_its_number(tmp_path: Path) -> None:
    with Partitions(tmp_path, n_partitions=1) as table:
        table.write(np.array([[5, 6], [7, 8]], dtype=np.uint64), np.array([3, 4], dtype=np.uint32))
        ((keys, numbers),) = table.read()

    assert (keys.tolist(), numbers.tolist()) == ([5, 6, 7, 8], [3, 3, 4, 4])


def test_no_key_is_left_out(tmp_path: Path) -> None:
    assert written(tmp_path, [0, 9, 0], n_partitions=2) == [[(9, 1)], []]


def test_the_files_go_away(tmp_path: Path) -> None:
    written(tmp_path, [1, 2**63], n_partitions=4)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("n_records", "at_once", "expected"),
    [(0, 10, 1), (10, 10, 1), (11, 10, 2), (41, 10, 8), (10**12, 10, MAX_PARTITIONS)],
)
def test_partitions_are_as_many_as_hold_the_records(n_records, at_once, expected) -> None:
    assert partition_count(n_records, records_at_once=at_once) == expected


def test_a_full_disk_is_one_clear_error(tmp_path: Path, monkeypatch) -> None:
    def full(file, records) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("provenance.dedup.partitions._write_all", full)

    with pytest.raises(RunError, match="no space left"):
        written(tmp_path, [1], n_partitions=1)
