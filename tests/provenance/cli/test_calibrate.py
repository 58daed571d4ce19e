"""`provenance calibrate` and `provenance estimate` on the command line."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

from click.testing import CliRunner, Result

from provenance.cli.main import cli

NAMES = ("river", "stone", "market", "garden", "window", "letter", "summer", "engine")


def line(seed: int) -> str:
    rng = random.Random(seed)
    return " ".join(
        f"The {rng.choice(NAMES)} of the {rng.choice(NAMES)} was near a {rng.choice(NAMES)}."
        for _ in range(8)
    )


def texts(path: Path, n: int = 35) -> str:
    rows = [{"text": line(i), "url": f"https://a.example/{i}"} for i in range(n)]
    path.write_text("\n".join(map(json.dumps, rows)))
    return str(path)


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def test_calibrate_prints_thresholds_and_what_to_do_next(tmp_path: Path) -> None:
    out = str(tmp_path / "c.json")

    result = invoke("calibrate", texts(tmp_path / "t.jsonl"), "--fpr", "0.05", "--out", out)

    assert result.exit_code == 0, result.output
    assert result.output.startswith("35 human texts, 0 duplicates\n\ndetector  language")
    assert "linear          en     any  50 to 99     35" in result.output
    assert result.output.endswith(
        f"next: provenance clean CRAWL --calibration {out} --out FOLDER\n"
    )


def test_estimate_scores_files_and_writes_csv(tmp_path: Path) -> None:
    given, table = texts(tmp_path / "t.jsonl"), tmp_path / "shares.csv"

    result = invoke(
        "estimate", given, "--by", "host, language", "--csv", str(table), "--workers", "1", "--json"
    )

    assert result.exit_code == 0, result.output
    rows = json.loads(result.output)
    assert [(row["by"], row["group"]) for row in rows] == [
        ("all", "all"), ("host", "a.example"), ("language", "en"),
    ]  # fmt: skip
    with table.open(encoding="utf-8") as file:
        assert [row["documents"] for row in csv.DictReader(file)] == ["35"] * 3
