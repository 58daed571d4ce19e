"""`provenance clean` end to end, against datatrove's WarcReader + Trafilatura + MinHash pipeline.

Same archives, one worker each, whole processes with their start-up. Ours does more (language,
detection, tiers, policy, ledger); the check before the ratio is that it finds at least as many
documents with text as the peer and that both remove near-duplicates.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from measure import data_folder, median, record, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-python", required=True, help="interpreter with datatrove")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    source = data_folder() / "crawl" / "polluted"
    tasks = len(list(source.glob("*.warc.gz")))
    peer_script = Path(__file__).with_name("peer_datatrove.py")
    ours, peers = [], []
    for _ in range(options.runs):
        with tempfile.TemporaryDirectory() as folder:
            ours.append(
                run([sys.executable, "-m", "provenance.cli.main", "clean", str(source),
                     "--out", f"{folder}/out", "--workers", "1", "--json"])
            )  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            peers.append(
                run([options.peer_python, str(peer_script), str(source), folder, str(tasks)])
            )
    summary = json.loads(ours[0].output)["summary"]
    peer = json.loads(peers[0].output.strip().splitlines()[-1])
    without_text = sum(
        row["documents"] for row in summary["dropped"] if row["reason"].startswith("no_")
    )
    with_text = summary["documents"] - without_text
    if with_text < peer["text"]:
        sys.exit(f"ours found text in {with_text} documents, the peer in {peer['text']}")
    (mine, my_spread), (theirs, their_spread) = median(ours), median(peers)
    record(
        "cleaning",
        {
            "documents_with_text": with_text,
            "documents_with_text_peer": peer["text"],
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
