"""`provenance clean` end to end, against datatrove's WarcReader + Trafilatura + MinHash pipeline.

Same archives, one worker each, whole processes with their start-up. Ours does more (language,
detection, tiers, policy, ledger). Before the ratio, every page that the peer found text in must be
a document of ours or a reject with a reason (the peer takes error pages and robots.txt for text).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from measure import data_folder, median, record, run

from provenance import reasons


def addresses(out: Path) -> set[str]:
    """Every address that the ledgers of a clean account for."""
    ledgers = [
        pq.read_table(out / f"{n}.parquet", columns=["url"]) for n in ("decisions", "rejects")
    ]
    return {url for ledger in ledgers for url in ledger.column("url").to_pylist() if url}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-python", required=True, help="interpreter with datatrove")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    source = data_folder() / "crawl" / "polluted"
    tasks = len(list(source.glob("*.warc.gz")))
    peer_script = Path(__file__).with_name("peer_datatrove.py")
    ours, peers, unaccounted, summary = [], [], set(), {}
    for _ in range(options.runs):
        with tempfile.TemporaryDirectory() as folder:
            peers.append(
                run([options.peer_python, str(peer_script), str(source), folder, str(tasks)])
            )
        peer = json.loads(peers[-1].output.strip().splitlines()[-1])
        with tempfile.TemporaryDirectory() as folder:
            ours.append(
                run([sys.executable, "-m", "provenance.cli.main", "clean", str(source),
                     "--out", f"{folder}/out", "--workers", "1", "--json"])
            )  # fmt: skip
            summary = json.loads(ours[-1].output)["summary"]
            unaccounted |= set(peer["urls"]) - addresses(Path(folder) / "out")
    if unaccounted:
        sys.exit(f"{len(unaccounted)} pages of the peer are lost, e.g. {sorted(unaccounted)[:3]}")
    without_text = sum(
        row["documents"] for row in summary["dropped"] if row["reason"] in reasons.NO_TEXT
    )
    with_text = summary["documents"] - without_text
    (mine, my_spread), (theirs, their_spread) = median(ours), median(peers)
    record(
        "cleaning",
        {
            "documents_with_text": with_text,
            "documents_with_text_peer": len(peer["urls"]),
            "kept": summary["kept_documents"],
            "kept_peer": peer["kept"],
            "cpu_seconds": round(mine, 2),
            "cpu_seconds_peer": round(theirs, 2),
            "spread_seconds": round(my_spread, 2),
            "spread_seconds_peer": round(their_spread, 2),
            "ratio": round(theirs / mine, 2),
            "peer": "datatrove 0.10.1: WarcReader, Trafilatura(favour_precision), MinHash x4",
            "runs": options.runs,
        },
    )


if __name__ == "__main__":
    main()
