"""The examples on detectors run, and print what they are about."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def lines_of(name: str, *arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name), *arguments],
        capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_list_of_strings_is_scored() -> None:
    machine, human, short = lines_of("score_texts.py")

    ratio, tail = re.findall(r"[+-]?\d+\.\d", machine)
    assert float(ratio) > 2
    assert float(tail) < 5
    assert float(re.findall(r"[+-]\d+\.\d", human)[0]) < 0
    assert short == "no answer: too_short"


def test_a_dataset_is_mapped() -> None:
    assert lines_of("datasets_map.py") == ["scored: 51", "not_calibrated: 9"]  # nine not in English


def test_a_detector_of_ones_own_is_benched_as_function_and_as_entry_point(tmp_path: Path) -> None:
    lines = lines_of("bench_a_detector.py", str(tmp_path / "out"))

    assert lines[0].startswith("dataset")
    facts = json.loads((tmp_path / "out" / "bench" / "bench.json").read_text())
    whole = {row["detector"]: row for row in facts["rows"] if row["kind"] == "all"}
    assert list(whole) == ["linear", "__main__:long_words", "long_words"]
    assert {row["n_ai"] for row in whole.values()} == {60}
    assert whole["long_words"]["scored_ai"] < whole["__main__:long_words"]["scored_ai"] == 60
