"""Ids come back as they were given, from disk or from memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from provenance.dedup.id_column import IdColumn, is_on_disk

KINDS: list[tuple[pa.DataType, list[Any], bool]] = [
    (pa.binary(16), [bytes([n] * 16) for n in (255, 0, 7, 1)], True),
    (pa.int64(), [-1, 2**62, 0, 5], True),
    (pa.uint8(), [255, 0, 1, 2], True),
    (pa.string(), ["b", "", "a\u0301", "b"], False),
    (pa.binary(), [b"\xff", b"", b"x", b"yy"], False),
]


@pytest.mark.parametrize(("kind", "values", "on_disk"), KINDS, ids=lambda value: str(value)[:24])
def test_ids_come_back_in_the_order_given(
    tmp_path: Path, kind: pa.DataType, values: list[Any], on_disk: bool
) -> None:
    whole = pa.array(values, kind)
    with IdColumn(tmp_path / "ids", kind) as column:
        for part in (whole.slice(0, 1), whole.slice(1, 0), whole.slice(1)):
            column.append(part)
        found = column.array()

    assert found.equals(whole)
    assert is_on_disk(kind) == (tmp_path / "ids").exists() == on_disk


@pytest.mark.parametrize("kind", [pa.int32(), pa.string()], ids=str)
def test_no_ids_are_an_empty_array(tmp_path: Path, kind: pa.DataType) -> None:
    with IdColumn(tmp_path / "ids", kind) as column:
        assert column.array().equals(pa.array([], kind))


def test_ids_outlive_the_file(tmp_path: Path) -> None:
    with IdColumn(tmp_path / "ids", pa.int64()) as column:
        column.append(pa.array([3, 1]))
        found = column.array()
    (tmp_path / "ids").unlink()

    assert found.to_pylist() == [3, 1]
