"""Signatures per core, normalisation included, against datasketch, rensa and Daft.

20,000 texts of 450 words, cut from the shared human texts of languages that write spaces. Ours
begin with the raw text; the peers are handed our normal form, so that their time leaves
normalisation out (`daft_normalising` shows what Daft's own costs). Word 5-grams, the same number of
permutations, one core each, CPU time. First, 1,000 signatures must equal those of datasketch.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from measure import data_folder, record, run

PEERS = ("datasketch", "rensa", "daft", "daft_normalising")
CHECKED = 1000


def texts_of(n_words: int) -> Iterator[str]:
    """Stretches of `n_words` words, as they stand in the human texts."""
    for path in sorted((data_folder() / "human").glob("*.parquet")):
        rows = pq.read_table(path, columns=["text", "language"]).to_pylist()
        for row in (row for row in rows if row["language"] not in {"zh", "ja"}):
            starts = [match.start() for match in re.finditer(r"\S+", row["text"])]
            starts.append(len(row["text"]))
            for first in range(0, len(starts) - n_words, n_words):
                yield row["text"][starts[first] : starts[first + n_words]]


def write_texts(path: Path, *, n_texts: int) -> None:
    from provenance.text.forms import normal_forms

    found = list(texts_of(450))
    random.Random(0).shuffle(found)
    column = pa.array(found[:n_texts], pa.large_string())
    pq.write_table(pa.table({"text": column, "normal_form": normal_forms(column)}), path)


def ours(path: str, num_perm: int) -> dict[str, float]:
    from provenance.dedup import signatures

    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    texts = pq.read_table(path, columns=["text"]).column(0)
    signatures(texts.slice(0, CHECKED), num_perm=num_perm)
    start = time.process_time()
    signatures(texts, num_perm=num_perm)
    return {"ours": time.process_time() - start}


def check(path: Path, num_perm: int) -> None:
    """End the script unless signatures equal those of datasketch fed with the same hashes."""
    import xxhash
    from datasketch import MinHash
    from peer_signatures import shingles

    from provenance.dedup import signatures

    texts = pq.read_table(path).slice(0, CHECKED)
    expected = MinHash.generator(
        map(shingles, texts["normal_form"].to_pylist()),
        num_perm=num_perm,
        hashfunc=lambda shingle: xxhash.xxh64_intdigest(shingle) & 0xFFFFFFFF,
    )
    found = signatures(texts["text"], num_perm=num_perm)
    unlike = sum(
        (row != minhash.hashvalues).any() for row, minhash in zip(found, expected, strict=True)
    )
    if unlike:
        sys.exit(f"{unlike} of {CHECKED} signatures are not those of datasketch")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-python", help="interpreter with daft, rensa and datasketch")
    parser.add_argument("--num-perm", type=int, default=128)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ours:
        print(json.dumps(ours(options.ours, options.num_perm)))
        return
    peer_script = str(Path(__file__).with_name("peer_signatures.py"))
    runs: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.parquet"
        write_texts(path, n_texts=options.documents)
        check(path, options.num_perm)
        num_perm = str(options.num_perm)
        for _ in range(options.runs):
            for command in (
                [sys.executable, __file__, "--ours", str(path), "--num-perm", num_perm],
                [options.peer_python, peer_script, str(path), num_perm],
            ):
                found = json.loads(run(command).output.strip().splitlines()[-1])
                for side, seconds in found.items():
                    runs.setdefault(side, []).append(seconds)
    middle = {side: statistics.median(seconds) for side, seconds in runs.items()}
    spread = max(runs["ours"]) - min(runs["ours"])
    record(
        "signatures",
        {
            "documents": options.documents,
            "num_perm": options.num_perm,
            "documents_per_second": round(options.documents / middle["ours"]),
            "spread": round(spread / middle["ours"], 3),
            **{f"{peer}_per_second": round(options.documents / middle[peer]) for peer in PEERS},
            **{f"ratio_{peer}": round(middle[peer] / middle["ours"], 2) for peer in PEERS},
            "peers": "datasketch 2.0.0 (default), rensa 0.5.0 (RMinHash), daft 0.7.26 (minhash)",
            "runs": options.runs,
        },
    )


if __name__ == "__main__":
    main()
