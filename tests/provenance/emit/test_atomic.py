"""Files appear whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from provenance.emit.atomic import replacing, write_json
from provenance.errors import RunError


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"

    with replacing(path) as temporary:
        temporary.write_text("x")
        before = path.exists()

    assert (before, path.read_text()) == (False, "x")


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")

    with pytest.raises(ZeroDivisionError), replacing(path) as temporary:
        temporary.write_text("new")
        raise ZeroDivisionError

    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]
    assert path.read_text() == "old"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_one_clear_error(tmp_path: Path, code: int) -> None:
    path = tmp_path / "part.parquet"

    with pytest.raises(RunError) as caught, replacing(path) as temporary:
        temporary.write_text("half")
        raise OSError(code, "No space left on device")

    assert str(caught.value) == (
        f"{path} (attempt 1): no space left to write part.parquet (No space left on device); make"
        " room and run the same command again: finished slices are kept"
    )
    assert list(tmp_path.iterdir()) == []


def test_not_a_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", float("nan"))
