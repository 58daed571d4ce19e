"""What the cascade spares: documents per detector, and CPU time, with the decisions compared.

    PROVENANCE_DATA=... python benchmarks/speed/cascade.py

The labelled crawl is cleaned by `clean`, which spares a document the detectors that cannot change
its decision, and by `score` and `mix`, which ask every detector about everything; one worker each,
in turn. A row of cascade.csv per policy and detector. saved_spec_seconds: by the detector's stated
cost of a text of 2,000 characters; saved_cpu_seconds: what the two runs differ by, all detectors
together. Decisions must be the same, or nothing is recorded. Of this crawl's documents few are old:
a crawl with more early captures, or an anchor, spares more.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from measure import data_folder, record

import provenance

#: Policies by what their drop rules ask of detection.
POLICIES = {
    "built-in": "tier = 0|tier = 3 and p_low > 0.5",
    "tiers": "tier = 0",
    "probability": "p_synthetic > 0.9",
}
_COMPARED = ("doc_id", "decision", "reason", "reasons", "tier", "tier_reason", "stratum", "epochs")


def policy(folder: Path, name: str, detectors: str) -> Path:
    """A policy file of these detectors and the rules of POLICIES."""
    rules = [
        f'  - {{when: "{when}", reason: rule_{number}}}\n'
        for number, when in enumerate(POLICIES[name].split("|"))
    ]
    path = folder / "policy.yaml"
    path.write_text(f"version: 1\ndetectors: {detectors}\ndrop:\n{''.join(rules)}")
    return path


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def decisions(out: Path) -> list[dict[str, Any]]:
    """What became of every document."""
    table = pq.read_table(out / "decisions.parquet", columns=list(_COMPARED))
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def measure(crawl: str, name: str, detectors: str) -> None:
    """Record both runs under one policy; ends the script when they decide differently."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        path = policy(folder, name, detectors)
        warm = pa.record_batch({"text": ["Nothing is compiled or loaded while it is timed."]})
        list(provenance.score(warm, policy=path))
        with_cascade = seconds(
            lambda: provenance.clean(crawl, out=folder / "with", policy=path, workers=1)
        )
        without = seconds(
            lambda: provenance.score(crawl, out=folder / "scored", policy=path, workers=1)
        )
        without += seconds(
            lambda: provenance.mix(folder / "scored", out=folder / "without", policy=path)
        )
        if decisions(folder / "with") != decisions(folder / "without"):
            sys.exit(f"{name}: the cascade changed decisions")
        report = json.loads((folder / "with" / "report.json").read_text())
    for detector in report["statistics"]["detection"]["detectors"]:
        n_asked, n_spared = detector["asked"], detector["spared"]
        record(
            "cascade",
            {
                "policy": name,
                "detector": detector["name"],
                "asked": n_asked,
                "spared": n_spared,
                "share_spared": round(n_spared / (n_asked + n_spared), 4),
                "saved_spec_seconds": round(detector["seconds_saved"], 2),
                "cpu_seconds_with": round(with_cascade, 1),
                "cpu_seconds_without": round(without, 1),
                "saved_cpu_seconds": round(without - with_cascade, 1),
            },
        )


def main() -> None:
    """Measure every policy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--detectors", default="[linear, stylometry, encoder]", help="as in YAML")
    parser.add_argument("--policy", choices=POLICIES, action="append", help="default: all")
    asked = parser.parse_args()
    crawl = str(data_folder() / "crawl" / "polluted")
    for name in asked.policy or POLICIES:
        measure(crawl, name, asked.detectors)


if __name__ == "__main__":
    main()
