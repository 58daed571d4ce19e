"""Watermark detectors: false alarms on text without a watermark, power by number of tokens.

    python benchmarks/quality/watermark.py --fresh           # 3,000 human texts, a key for each
    python benchmarks/quality/watermark.py --null            # the same texts, one key
    python benchmarks/quality/watermark.py --power           # texts written with each scheme
    python benchmarks/quality/watermark.py --synthid         # 300 texts that a CUDA device wrote
    python benchmarks/quality/watermark.py --smollm FILE     # power at a real model's entropy; GGUF
    python benchmarks/quality/watermark.py --table           # watermark.md from watermark.csv

Every rate is a row of watermark.csv. False alarms are counted under four protocols:

fresh     every text is read with keys of its own: all p values are independent
fixed     one key reads all texts, which share common n-grams and so that key's luck
fitted    the same, with nulls fitted to other texts of data/detection, none of them among the 3,000
foreign   the same, with nulls fitted to data/human: no source in common

"probability" is that of a count as far from the expected one (exact binomial test). Power is also
stated under the English null of "fitted" where `--null` runs in the same call.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import platform
import subprocess
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from watermark_alarms import fresh_rows, null_rows
from watermark_power import synthid_rows, written_rows

from detectors.watermark.empirical_null import EmpiricalNull

HERE = Path(__file__).parent
TABLE = HERE / "watermark.csv"
N_WRITTEN, TOKENS_WRITTEN = 120, 260
CIRCUMSTANCES = "date commit machine python numpy torch transformers"
COLUMNS = (
    f"{CIRCUMSTANCES} measure writer entropy_nats scheme seeding table key n_texts n_keys tokens"
    " p_below rate expected low high probability"
).split()


def append(rows: Iterable[dict[str, Any]]) -> None:
    """Append rows to watermark.csv as they come."""
    git = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False, cwd=HERE).stdout
    common = {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "commit": commit.strip(),
        "machine": f"{platform.machine()} x{os.cpu_count()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    for row in rows:
        is_new = not TABLE.exists()
        with TABLE.open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
            if is_new:
                writer.writeheader()
            writer.writerow(common | row)
        print({key: value for key, value in row.items() if value != ""}, flush=True)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="watermark.py")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--null", action="store_true")
    parser.add_argument("--power", action="store_true")
    parser.add_argument("--synthid", action="store_true")
    parser.add_argument("--smollm", type=Path, metavar="FILE")
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    fitted: dict[tuple[str, str], EmpiricalNull] = {}
    runs: dict[str, Callable[[], Iterable[dict[str, Any]]]] = {
        "fresh": fresh_rows,
        "null": lambda: null_rows(fitted),
        "synthid": synthid_rows,
    }
    if asked.power or asked.smollm:
        import watermark_writers as writers

        runs["power"] = lambda: written_rows(
            chain(
                writers.babbler(N_WRITTEN, TOKENS_WRITTEN), writers.gpt2(N_WRITTEN, TOKENS_WRITTEN)
            ),
            fitted,
        )
        runs["smollm"] = lambda: written_rows(writers.smollm(asked.smollm, 12, 140), fitted)
    for name, rows in runs.items():
        if getattr(asked, name):
            append(rows())
    if asked.table:
        from watermark_table import write

        write(TABLE, HERE / "watermark.md")


if __name__ == "__main__":
    main()
