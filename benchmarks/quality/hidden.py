"""Hidden characters on the simulated crawl: what was planted is found, what was not is no mark.

    python benchmarks/quality/hidden.py

The crawl is scored as a user would. `planted`: rows of truth, revisits without a payload included;
`documents`: those with a text. `found`: documents with a fact of the planted kind. `whole`: as many
characters as were planted, or more (a page may hold a text twice). `spelt`: payloads decoded.
`clean`: no hidden character is left in the text. Pages without planted characters are decoys, real
pages among them: what they hold comes from their authors' software, so it may be counted and
removed, but `held_against` (evidence that points to a machine) must be 0.

One row of hidden.csv per kind. What reading costs is measured by benchmarks/speed/evidence.py.
"""

from __future__ import annotations

import csv
import datetime
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq

import provenance
from detectors.hidden_unicode import clean

#: What truth calls it, and what a fact calls it.
KINDS = {
    "U+200B": "hidden_zero_width",
    "mix U+200B/200C/200D/2060/FEFF": "hidden_zero_width",
    "tag characters U+E00xx": "hidden_tags",
    "variation selectors U+FE00-FE0F after letters": "hidden_variation_selectors",
    "byte payload in variation selectors after one character": "hidden_variation_selectors",
    "U+202F narrow no-break spaces": "hidden_odd_spaces",
}
HIDDEN = {*KINDS.values(), "hidden_direction", "hidden_homoglyph_words"}
SPELLING = ("hidden_tags", "hidden_variation_selectors")
PLANTED = re.compile(r"(.+) \((\d+)\)")


def documents(crawl: Path) -> list[dict[str, Any]]:
    """Record id, text and evidence of every document of the crawl that has a text."""
    with tempfile.TemporaryDirectory() as folder:
        provenance.score([str(crawl / "polluted")], out=Path(folder) / "scored", workers=1)
        table = ds.dataset(Path(folder) / "scored" / "documents").to_table(
            columns=["record_id", "text", "evidence"], filter=ds.field("text").is_valid()
        )
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows


def planted_rows(found: list[dict[str, Any]], truth: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One row per kind of planted character."""
    for name, kind in KINDS.items():
        cases = [
            (row, int(planted[2]))
            for row in found
            if (planted := PLANTED.fullmatch(truth[row["record_id"]] or "")) and planted[1] == name
        ]
        seen = [(fact(row, kind), n) for row, n in cases]
        details = [detail for detail, _ in seen if detail is not None]
        yield {
            "kind": name,
            "planted": sum((value or "").startswith(f"{name} (") for value in truth.values()),
            "documents": len(cases),
            "found": len(details),
            "whole": sum(int(re.match(r"\d+", d or "0")[0]) >= n for d, n in seen if d),  # type: ignore[index]
            "spelt": sum("spelling" in d for d in details) if kind in SPELLING else "",
            "clean": sum(clean(row["text"]).text == row["text"] for row, _ in cases),
        }


def decoy_row(found: list[dict[str, Any]], truth: dict[str, Any]) -> dict[str, Any]:
    """The row of all pages without planted characters."""
    decoys = [row for row in found if not truth[row["record_id"]]]
    kinds = Counter(
        one["kind"] for row in decoys for one in row["evidence"] if one["kind"] in HIDDEN
    )
    print(f"in pages without planted characters: {dict(kinds)}")
    return {
        "kind": "none planted",
        "documents": len(decoys),
        "found": sum(any(one["kind"] in HIDDEN for one in row["evidence"]) for row in decoys),
        "held_against": sum(
            one["kind"] in HIDDEN and one["polarity"] == "synthetic"
            for row in decoys for one in row["evidence"]
        ),
        "credentials": sum(
            one["kind"].startswith("credential") for row in decoys for one in row["evidence"]
        ),
        "clean": sum(clean(row["text"]).text == row["text"] for row in decoys),
    }  # fmt: skip


def fact(row: dict[str, Any], kind: str) -> str | None:
    """The detail of the document's fact of that kind."""
    return next((one["detail"] for one in row["evidence"] if one["kind"] == kind), None)


def record(rows: list[dict[str, Any]]) -> None:
    """Append the rows to the CSV beside this file, with where they were measured."""
    path = Path(__file__).with_suffix(".csv")
    columns = ("kind", "planted", "documents", "found", "whole", "spelt", "clean", "held_against",
               "credentials")  # fmt: skip
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)
    where = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": done.stdout.strip(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
    }
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, (*where, *columns))
        if is_new:
            writer.writeheader()
        for row in rows:
            writer.writerow(where | row)
            print(row)


def main() -> None:
    folder = os.environ.get("PROVENANCE_DATA")
    if not folder:
        sys.exit("set PROVENANCE_DATA to the folder that holds crawl/")
    crawl = Path(folder) / "crawl"
    table = pq.read_table(crawl / "truth.parquet", columns=["record_id", "hidden_chars"])
    truth = {row["record_id"]: row["hidden_chars"] for row in table.to_pylist()}
    found = documents(crawl)
    record([*planted_rows(found, truth), decoy_row(found, truth)])


if __name__ == "__main__":
    main()
