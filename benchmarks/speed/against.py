"""What deduplicating a run costs when earlier runs take part (`--against`).

    python benchmarks/speed/against.py

Runs of documents from `synthesis`, one in five a near copy of an earlier one of its run; a tenth of
the new run is of the first earlier one. Texts are signed before. Measured is what `clean --against`
does in place of its own search, CPU time and peak memory in a process of its own, for the same new
run and more and more earlier documents. us_per_earlier: what one more earlier document adds, since
the first row.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measure import record
from synthesis import documents, ids

from provenance import batch as contract
from provenance.dedup.minhash import sign
from provenance.dedup.parameters import DedupParameters
from provenance.emit.atomic import write_json
from provenance.engines.against import assign_against
from provenance.engines.statements import statement
from provenance.engines.store import FOLDERS, Store
from provenance.session import Session
from provenance.text.normal import content_hash

COLUMNS = contract.schema(
    ("doc_id", "content_hash", "captured_at", "host", "n_tokens", "url", "record_id", "source_uri",
     "source_pos")
)  # fmt: skip
#: One in so many texts of the new run is in the first earlier run.
SHARED = 10


def write_store(root: Path, n: int, *, seed: int, shared: pa.LargeStringArray) -> None:
    """A finished store of `n` documents, among them the texts `shared`; only what dedup reads."""
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    store, first = Store(root), 0
    for part, batch in enumerate(documents(n - len(shared), seed=seed)):
        texts = pa.concat_arrays([shared, batch]) if part == 0 else batch
        write_part(store, part, np.arange(first, first + len(texts)) + (seed << 40), texts)
        first += len(texts)
    write_json(store.done_path, {"plan": f"run {seed}"})


def write_part(store: Store, part: int, numbers: np.ndarray, texts: pa.LargeStringArray) -> None:
    n = len(texts)
    signed = sign(texts, num_perm=DedupParameters().num_perm)
    hashes = [content_hash(text) for text in texts.to_pylist()]
    columns = {
        "doc_id": ids(numbers),
        "content_hash": pa.array(hashes, contract.DOC_ID),
        "captured_at": pa.array(numbers).cast(contract.TIMESTAMP),
        "host": pa.array([f"host{number % 5000}.example" for number in numbers]),
        "n_tokens": pa.array([300] * n, pa.int64()),
        "url": pa.array([f"https://host{number % 5000}.example/{number}" for number in numbers]),
        "record_id": pa.nulls(n, pa.string()),
        "source_uri": pa.array(["crawl.warc.gz"] * n),
        "source_pos": pa.array(numbers),
    }
    table = pa.table([columns[f.name].cast(f.type) for f in COLUMNS], schema=COLUMNS)
    pq.write_table(table, store.part("documents", part), row_group_size=4096)
    values = [columns["doc_id"], signed.n_shingles, signed.signature, signed.sketch, signed.probes]
    signatures = pa.table(values, schema=contract.SIGNATURES)
    pq.write_table(signatures, store.part("signatures", part), row_group_size=4096)


def measure(root: Path, n_earlier: int) -> dict[str, Any]:
    """Deduplicating the new run against the earlier runs of so many documents in all."""
    store = Store(root / "new")
    runs = [Store(root / str(number)) for number in range(n_earlier)]
    start = time.process_time()
    with Session(root / f"session-{n_earlier}") as session:
        session.run(
            "CREATE TABLE scored AS SELECT * FROM read_parquet($parts)",
            parts=store.parts("documents"),
        )
        session.run(statement("reference_matches"))
        assign_against(session, store, runs, parameters=DedupParameters(), near_duplicates=True)
        dropped = session.row("SELECT count(*) FROM assigned WHERE NOT is_keeper")[0]
    return {
        "cpu_seconds": round(time.process_time() - start, 2),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "dropped": dropped,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--new", type=int, default=20_000)
    parser.add_argument("--earlier", type=int, default=50_000, help="documents of an earlier run")
    parser.add_argument("--runs", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--root", type=Path, help="measure in the stores that are here")
    options = parser.parse_args()
    if options.root:
        print(json.dumps(measure(options.root, options.runs[0])))
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shared = pa.array([], pa.large_string())
        for number in range(max(options.runs)):
            write_store(root / str(number), options.earlier, seed=number + 1, shared=shared)
        for texts in documents(options.new // SHARED, seed=1):
            shared = pa.concat_arrays([shared, texts])
        write_store(root / "new", options.new, seed=99, shared=shared)
        first: dict[str, Any] = {}
        for number in options.runs:
            command = [sys.executable, __file__, "--root", folder, "--runs", str(number)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            found = json.loads(done.stdout)
            found["earlier"] = number * options.earlier
            first = first or found
            added = found["earlier"] - first["earlier"]
            more = found["cpu_seconds"] - first["cpu_seconds"]
            record(
                "against",
                {
                    "new": options.new,
                    "runs": number,
                    **found,
                    "us_per_earlier": round(more / added * 1e6, 1) if added else None,
                },
            )


if __name__ == "__main__":
    main()
