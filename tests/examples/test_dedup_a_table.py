"""The example runs, and says what the README says of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "dedup_a_table.py"


def test_copies_are_named_and_meet_and_every_signature_is_datasketchs() -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLE)], capture_output=True, text=True, check=True, encoding="utf-8"
    )

    assert done.stdout.splitlines() == [
        "page is a copy of copy: near, 100% of it",
        "part is a copy of copy: contained, 100% of it",
        "part is a copy of page: contained, 100% of it",
        "page is in the cluster of copy",
        "copy is in the cluster of copy",
        "part is in the cluster of part",
        "other is in the cluster of other",
        "中文 is in the cluster of 中文",
        "5 of 5 signatures are those of datasketch",
    ]
