"""Writes the shared labelled sets as `*.jsonl.gz`, the form that training reads.

    python benchmarks/quality/corpora.py OUT

`detectors` reads no Parquet, so that it depends on no Arrow; this script is the bridge.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from detectors.classifier.examples import Example, write_jsonl


def labelled_sets(data: Path) -> Iterator[tuple[str, list[Example]]]:
    """Name and examples of every labelled set and every human corpus of the shared data."""
    for path in sorted((data / "detection").glob("*.parquet")):
        yield path.stem, [_labelled(row, path.stem) for row in pq.read_table(path).to_pylist()]
    for path in sorted((data / "human").glob("*.parquet")):
        name = f"human/{path.stem}"
        yield name, [_human(row, name) for row in pq.read_table(path).to_pylist()]


def anchor(data: Path) -> list[Example]:
    """The pre-2022 anchor texts of the crawl sample: human, never trained on."""
    table = pq.read_table(data / "crawl" / "anchor" / "anchor.parquet")
    return [
        Example(row["text"], "human", "en", "anchor", row["source"], domain=row["source"])
        for row in table.to_pylist()
    ]


def _labelled(row: dict[str, Any], dataset: str) -> Example:
    source = f"{dataset}:{row['domain']}" if row["label"] == "human" else dataset
    return Example(
        row["text"],
        row["label"],
        row["language"],
        dataset,
        source,
        generator=row["generator"],
        domain=row["domain"],
        attack=row["attack"],
    )


def _human(row: dict[str, Any], dataset: str) -> Example:
    return Example(
        row["text"], "human", row["language"], dataset, row["source"], domain=row["domain"]
    )


def main() -> None:
    """Write every set into the folder asked for."""
    parser = argparse.ArgumentParser(prog="corpora.py")
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, examples in labelled_sets(Path(os.environ["PROVENANCE_DATA"])):
        write_jsonl(examples, out / f"{name.replace('/', '.')}.jsonl.gz")


if __name__ == "__main__":
    main()
