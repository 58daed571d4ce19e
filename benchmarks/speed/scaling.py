"""Clusters of one and ten million signatures on two cores under a limit of 1 GB.

    python benchmarks/speed/scaling.py

Signatures are synthesised: one in five documents is a copy of an earlier one with a share of 0.7 to
1 of its values, one in five hundred is a copy of the first document, so that one cluster is large.
Measured is a whole process, from Parquet files to a Parquet file of clusters: wall and CPU seconds
and peak resident memory; `work` is the same without loading libraries and compiled code, and
`growth` its time per document over that of the smallest size, 1 being linear. The clusters are
checked against scipy's components of the sorted keys of each band.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measure import record, run
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from synthesis import ids

from provenance.dedup.bands import band_keys
from provenance.dedup.clustering import clusters
from provenance.dedup.signature_tables import signature_matrix

BANDS, ROWS = 14, 8
NUM_PERM = BANDS * ROWS
MEMORY_LIMIT_BYTES = 1 << 30
PART_ROWS, CHUNK_ROWS = 500_000, 20_000


def mixed(values: np.ndarray) -> np.ndarray:
    """SplitMix64's finaliser: each number's own random 64 bits."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def signatures(first: int, n: int) -> np.ndarray:
    """The signatures [n, NUM_PERM] of documents `first` on."""
    numbers = np.arange(first, first + n, dtype=np.uint64)
    luck = mixed(numbers + np.uint64(1 << 60))
    is_copy = (numbers % np.uint64(5) == 4) & (numbers > 4)
    # Copies are numbers 4, 9, 14, ...; a source is an earlier number that is none of them.
    fifth = luck % np.maximum(numbers // np.uint64(5), np.uint64(1))
    source = fifth * np.uint64(5) + (luck >> np.uint64(40)) % np.uint64(4)
    source[luck % np.uint64(100) == 0] = 0
    share = 0.7 + 0.3 * ((luck >> np.uint64(20)) % np.uint64(1024)) / 1024
    columns = np.arange(NUM_PERM, dtype=np.uint64)
    own = mixed(numbers[:, None] * np.uint64(1024) + columns)
    theirs = mixed(source[:, None] * np.uint64(1024) + columns)
    taken = is_copy[:, None] & ((own & np.uint64(0xFFFF)) < 65536 * share[:, None])
    return (np.where(taken, theirs, own) >> np.uint64(32)).astype(np.uint32)


def write_parts(folder: Path, n: int) -> None:
    """Parquet parts of signatures, in the types of `batch.SIGNATURES`, without compression."""
    for start in range(0, n, PART_ROWS):
        stop = min(start + PART_ROWS, n)
        writer = None
        for first in range(start, stop, CHUNK_ROWS):
            matrix = signatures(first, min(CHUNK_ROWS, stop - first))
            bounds = np.arange(len(matrix) + 1, dtype=np.int64) * (4 * NUM_PERM)
            buffers = [None, pa.py_buffer(bounds), pa.py_buffer(matrix)]
            column = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(matrix), buffers)
            numbers = np.arange(first, first + len(matrix))
            batch = pa.table({"doc_id": ids(numbers), "signature": column})
            if writer is None:
                path = folder / f"{start:010d}.parquet"
                writer = pq.ParquetWriter(
                    path, batch.schema, compression="none", use_dictionary=False
                )
            writer.write_table(batch)
        if writer:
            writer.close()


def cluster(folder: Path, options: argparse.Namespace) -> None:
    """What is measured, in a process of its own; prints the cost of the work alone."""
    paths = sorted(folder.glob("*.parquet"))
    settings = {"scratch": folder, "bands": BANDS, "rows": ROWS, "threshold": options.threshold}
    # Compiled code is read from its cache, which does not grow with the documents.
    clusters(pq.ParquetFile(paths[0]).read_row_group(0).slice(0, 9), **settings).read_all()
    wall, cpu = time.perf_counter(), time.process_time()
    result = clusters(paths, memory_limit_bytes=MEMORY_LIMIT_BYTES, **settings)
    with pq.ParquetWriter(folder / "clusters", result.schema) as writer:
        for batch in result:
            writer.write_batch(batch)
    work = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
    print(json.dumps(work))


def components(folder: Path, n: int) -> np.ndarray:
    """The component of each document, the plain way: every band sorted, neighbours joined."""
    keys = np.empty((n, BANDS), dtype=np.uint64)
    at = 0
    for path in sorted(folder.glob("*.parquet")):
        for batch in pq.ParquetFile(path).iter_batches(CHUNK_ROWS, columns=["signature"]):
            found = band_keys(signature_matrix(batch.column(0)), bands=BANDS, rows=ROWS)
            keys[at : at + len(found)] = found
            at += len(found)
    labels = np.arange(n)
    for band in range(BANDS):
        order = np.argsort(keys[:, band])
        in_order = keys[order, band]
        equal = np.flatnonzero(in_order[1:] == in_order[:-1])
        edges = (np.ones(len(equal), np.int8), (labels[order[equal]], labels[order[equal + 1]]))
        _, joined = connected_components(coo_array(edges, shape=(n, n)), directed=False)
        labels = joined[labels]
    return labels


def check(folder: Path, n: int) -> int:
    """How many clusters there are; ends the script when they are not the plain components."""
    result = pq.read_table(folder / "clusters").column("cluster_id").combine_chunks()
    found = np.frombuffer(result.buffers()[1], "V16")
    expected = components(folder, n)
    first = np.full(n, -1)
    first[expected[::-1]] = np.arange(n)[::-1]
    n_clusters = len(np.unique(expected))
    # As many clusters, and every document in that of the first of its component: the same sets.
    if (found != found[first[expected]]).any() or len(np.unique(found)) != n_clusters:
        sys.exit("the clusters are not the components")
    return n_clusters


def measure(n: int, options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_parts(folder, n)
        command = [sys.executable, __file__, "--folder", name]
        if options.threshold is not None:
            command += ["--threshold", str(options.threshold)]
        costs = [run(command) for _ in range(options.runs)]
        n_clusters = check(folder, n) if options.threshold is None else None
    work = [json.loads(cost.output.strip().splitlines()[-1]) for cost in costs]
    return {
        "documents": n,
        "threshold": options.threshold,
        "clusters": n_clusters,
        "wall_seconds": round(min(cost.wall_seconds for cost in costs), 2),
        "cpu_seconds": round(min(cost.cpu_seconds for cost in costs), 2),
        "work_wall_seconds": round(min(one["seconds"] for one in work), 2),
        "work_cpu_seconds": round(min(one["cpu_seconds"] for one in work), 2),
        "peak_rss_mib": round(max(cost.peak_rss_mib for cost in costs)),
        "memory_limit_mib": MEMORY_LIMIT_BYTES >> 20,
        "runs": options.runs,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threshold", type=float)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder:
        cluster(options.folder, options)
        return
    smallest: dict[str, Any] = {}
    for n in options.documents:
        row = measure(n, options)
        smallest = smallest or row
        record("scaling", {**row, **growth(smallest, row)})


def growth(smallest: dict[str, Any], row: dict[str, Any]) -> dict[str, float]:
    """Time per document over that of the smallest size: 1 is linear."""
    times = row["documents"] / smallest["documents"]
    return {
        f"growth_{kind}": round(
            row[f"work_{kind}_seconds"] / smallest[f"work_{kind}_seconds"] / times, 3
        )
        for kind in ("wall", "cpu")
    }


if __name__ == "__main__":
    main()
