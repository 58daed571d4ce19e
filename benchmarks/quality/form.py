"""The `quality_*` statistics against datatrove's Gopher, C4 and FineWeb filters.

    python benchmarks/quality/form.py --peer-python PATH    # an interpreter with datatrove

On the first 2,000 English documents of the labelled crawl, twice: with the same words,
sentences and symbols, where datatrove must measure the same number of every document; and with
datatrove's own, where the share of equal verdicts at the published thresholds is what these cost.
One row of form.csv per statistic, and per filter.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

import provenance
from provenance.text.quality.statistics import KEPT, NAMES, measure

HERE = Path(__file__).parent
N_DOCUMENTS = 2_000

#: The statistics behind each of datatrove's filters.
FILTERS = {
    "gopher_quality": NAMES[0:8],
    "gopher_repetition": NAMES[8:21],
    "c4": NAMES[22:25],
    "fineweb": NAMES[25:29],
}


def texts(folder: Path) -> list[str]:
    """Main texts of the crawl's English pages, in its order."""
    source = Path(os.environ["PROVENANCE_DATA"]) / "crawl" / "polluted"
    provenance.score([str(source)], out=folder / "scored")
    table = ds.dataset(folder / "scored" / "documents").to_table(
        columns=["text"], filter=(ds.field("lang") == "en") & ds.field("text").is_valid()
    )
    found: list[str] = table.column("text").slice(0, N_DOCUMENTS).to_pylist()
    return found


def documents(chosen: list[str]) -> Iterator[dict[str, Any]]:
    """Each text with our values and verdicts."""
    for text, row in zip(chosen, measure(pa.array(chosen, pa.large_string())), strict=True):
        values = dict(zip(NAMES, map(float, row), strict=True))
        verdicts = {
            name: all(KEPT[s][0] <= values[s] <= KEPT[s][1] for s in statistics)
            for name, statistics in FILTERS.items()
        }
        short = {name.removeprefix("quality_"): value for name, value in values.items()}
        yield {"text": text, "values": short, "verdicts": verdicts}


def agreeing(python: str, path: Path, words: str) -> dict[str, int]:
    """On how many of the documents at `path` the peer agrees, by statistic or filter."""
    command = [python, str(HERE / "peer_form.py"), str(path), words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    counts: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-python", required=True, help="interpreter with datatrove")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        chosen = texts(Path(folder))
        path = Path(folder) / "documents.jsonl"
        path.write_text("".join(json.dumps(d) + "\n" for d in documents(chosen)), encoding="utf-8")
        rows = [
            {"date": datetime.datetime.now(datetime.UTC).date().isoformat(), "words": words,
             "compared": name, "documents": len(chosen), "equal": equal}
            for words in ("split", "own")
            for name, equal in agreeing(options.peer_python, path, words).items()
        ]  # fmt: skip
    table = HERE / "form.csv"
    new = not table.exists()
    with table.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        if new:
            writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        print(f"{row['words']:6} {row['compared']:26} {row['equal']} of {row['documents']}")


if __name__ == "__main__":
    main()
