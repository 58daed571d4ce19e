"""Two runs never write to one folder."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest
from crawls import contents

import provenance
from provenance.engines.lock import only_run
from provenance.errors import OutputError

HOLDER = """
import sys, time
from pathlib import Path
from provenance.engines.lock import only_run
with only_run(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_run_is_refused_until_the_first_dies(
    crawl: Path, tmp_path: Path, plain: Path
) -> None:
    """Killed without a chance to clean up, as by a machine that runs out of memory."""
    out = tmp_path / "out"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(out)], stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        first.stdout.readline()
        try:
            with pytest.raises(OutputError, match="another run is writing to this folder"):
                provenance.clean([crawl], out=out, policy=plain, workers=1)
            assert contents(out) == {}
        finally:
            first.kill()

    result = provenance.clean([crawl], out=out, policy=plain, workers=1)

    assert result.manifest["summary"]["documents"] == 27


@pytest.mark.parametrize("call", ["score", "mix"])
def test_every_writing_command_takes_the_lock(crawl: Path, tmp_path: Path, call: str) -> None:
    provenance.score([crawl], out=tmp_path / "scored", workers=1)

    with only_run(tmp_path / "out"), pytest.raises(OutputError, match="another run"):
        if call == "score":
            provenance.score([crawl], out=tmp_path / "out", workers=1)
        else:
            provenance.mix(tmp_path / "scored", out=tmp_path / "out")


def test_the_lock_leaves_nothing_behind(tmp_path: Path) -> None:
    with only_run(tmp_path / "a" / "b"):
        pass

    assert list(tmp_path.iterdir()) == []


def test_what_was_written_stays(tmp_path: Path) -> None:
    with only_run(tmp_path / "a" / "b"):
        (tmp_path / "a" / "b" / "x").touch()

    assert contents(tmp_path) == {"a/b/x": b""}


def test_a_file_system_without_locks_is_written_to_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(fcntl, "flock", refuse)

    with only_run(tmp_path / "out"):
        (tmp_path / "out" / "x").touch()

    assert contents(tmp_path / "out") == {"x": b""}
