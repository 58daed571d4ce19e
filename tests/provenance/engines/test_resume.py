"""Killed at any moment and run again, the result is the same bytes."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from crawls import contents

import provenance

#: Kills the process in the middle of the n-th rename of a finished file.
KILLER = """
import os, signal, sys
from pathlib import Path
import provenance

count = 0
rename = Path.replace

def replace(self, target):
    global count
    count += 1
    if count == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(self, target)

Path.replace = replace
provenance.clean([sys.argv[1]], out=sys.argv[2], workers=1, slice_bytes=2000)
"""


@pytest.mark.parametrize("at", [2, 7, 21, 24])
def test_a_killed_run_goes_on_to_the_same_bytes(crawl: Path, tmp_path: Path, at: int) -> None:
    provenance.clean([str(crawl)], out=tmp_path / "whole", workers=1, slice_bytes=2000)
    killed = subprocess.run(
        [sys.executable, "-c", KILLER, str(crawl), str(tmp_path / "killed"), str(at)],
        check=False,
        capture_output=True,
    )

    provenance.clean([str(crawl)], out=tmp_path / "killed", workers=1, slice_bytes=2000)

    assert killed.returncode == -signal.SIGKILL
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")


def test_an_unfinished_folder_is_no_dataset(crawl: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", KILLER, str(crawl), str(tmp_path / "out"), "9"],
        check=False,
        capture_output=True,
    )

    with pytest.raises(provenance.InputError, match="no finished dataset is here"):
        provenance.explain(tmp_path / "out", "https://old.example/1")
