"""Clusters of 200,000 signatures, against a bare sort, datasketch's LSH and datatrove's stages.

    python benchmarks/speed/clusters.py --peer-python .peer/bin/python

The documents are synthesised, one in five a near copy; 14 bands of 8 rows; everything on one core.
Ours is `provenance.dedup.clusters` from a Parquet file to the last row of the result. The others
get more for nothing: the bare sort has the band keys in memory and sorts band by band, datasketch
has its MinHash objects built and is timed for inserts and queries alone (its pairs are joined
outside), datatrove has its signature files sorted. All four clusterings must be equal.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measure import record, run
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from synthesis import documents, ids

from provenance.dedup.bands import band_keys
from provenance.dedup.clustering import clusters
from provenance.dedup.minhash import sign
from provenance.dedup.signature_tables import signature_matrix

BANDS, ROWS = 14, 8
Timed = tuple[float, float]  # wall and CPU seconds


def write_signatures(path: Path, n_documents: int) -> None:
    """The signatures of the synthesised documents, as a Parquet file."""
    writer, first = None, 0
    for texts in documents(n_documents):
        signed = sign(texts, num_perm=BANDS * ROWS)
        numbers = np.arange(first, first + len(texts))
        batch = pa.table({"doc_id": ids(numbers), "signature": signed.signature})
        writer = writer or pq.ParquetWriter(path, batch.schema, compression="none")
        writer.write_table(batch)
        first += len(texts)
    if writer:
        writer.close()


def read_matrix(path: Path) -> np.ndarray:
    return signature_matrix(pq.read_table(path).column("signature").combine_chunks())


def write_peer_signatures(matrix: np.ndarray, folder: Path) -> None:
    """Sorted files of records, as datatrove's stage 1 leaves them (precision 32)."""
    kind = np.dtype([*((f"value{i}", "<u4") for i in range(ROWS)), ("document", "<u4")])
    for band in range(BANDS):
        records = np.empty(len(matrix), dtype=kind)
        for row in range(ROWS):
            records[f"value{row}"] = matrix[:, band * ROWS + row]
        records["document"] = np.arange(len(matrix))
        path = folder / f"bucket_{band:03d}" / "00000.minhash.sig"
        path.parent.mkdir(parents=True)
        np.sort(records, order=kind.names).tofile(path)


def joined(pairs: np.ndarray, n: int) -> np.ndarray:
    """Component of each of n documents, by scipy."""
    graph = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(graph, directed=False)[1]


def bare(keys: np.ndarray) -> np.ndarray:
    """The plain way in memory: sort the keys of each band, join neighbours that are equal."""
    pairs = []
    for band in range(keys.shape[1]):
        order = np.argsort(keys[:, band])
        in_order = keys[order, band]
        equal = np.flatnonzero(in_order[1:] == in_order[:-1])
        pairs.append(np.column_stack([order[equal], order[equal + 1]]))
    return joined(np.concatenate(pairs), len(keys))


def ours(path: Path, scratch: Path) -> np.ndarray:
    """The cluster of each document, as the 16 bytes of an id."""
    result = clusters([path], scratch=scratch, bands=BANDS, rows=ROWS).read_all()
    column = result.column("cluster_id").combine_chunks()
    return np.frombuffer(column.buffers()[1], "V16")


def datasketch_pairs(matrix: np.ndarray) -> tuple[np.ndarray, Timed]:
    from datasketch import MinHash, MinHashLSH

    objects = [
        MinHash(num_perm=matrix.shape[1], scheme="affine32", hashvalues=row) for row in matrix
    ]
    index = MinHashLSH(num_perm=matrix.shape[1], params=(BANDS, ROWS))

    def all_matches() -> list[list[int]]:
        for number, one in enumerate(objects):
            index.insert(number, one, check_duplication=False)
        return [index.query(one) for one in objects]

    matches, seconds = timed(all_matches)
    pairs = [(a, b) for a, found in enumerate(matches) for b in found if b > a]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2), seconds


def peer_clusters(folder: Path, n: int) -> np.ndarray:
    """What stage 3 wrote: a cluster for documents with a match; the rest are clusters alone."""
    labels = np.arange(n, 2 * n)
    for path in folder.glob("*.clusters"):
        rows = np.fromfile(path, "<u4").reshape(-1, 2)
        labels[rows[:, 0]] = rows[:, 1]
    return labels


def same_clusters(one: np.ndarray, other: np.ndarray) -> bool:
    return np.array_equal(*(firsts(labels) for labels in (one, other)))


def firsts(labels: np.ndarray) -> np.ndarray:
    """For each document the first one with its label."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return first[inverse]


def timed(work: Callable[[], Any]) -> tuple[Any, Timed]:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, (time.perf_counter() - wall, time.process_time() - cpu)


def best(runs: list[Timed]) -> Timed:
    """Least wall and least CPU seconds: what others did on the machine only adds."""
    walls, cpus = zip(*runs, strict=True)
    return min(walls), min(cpus)


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    path = folder / "signatures.parquet"
    write_signatures(path, options.documents)
    matrix = read_matrix(path)
    keys = band_keys(matrix, bands=BANDS, rows=ROWS)
    expected = firsts(ours(path, folder))
    seconds: dict[str, list[Timed]] = {"ours": [], "bare": []}
    for _ in range(options.runs):
        for name, work in (("ours", lambda: ours(path, folder)), ("bare", lambda: bare(keys))):
            labels, one = timed(work)
            seconds[name].append(one)
            check(name, labels, expected)
    pairs, datasketch = datasketch_pairs(matrix)
    check("datasketch", joined(pairs, len(matrix)), expected)
    del pairs
    write_peer_signatures(matrix, folder / "peer")
    peer = run(
        [options.peer_python, str(Path(__file__).with_name("peer_datatrove_clusters.py")),
         str(folder / "peer"), str(folder), str(BANDS), str(ROWS)]
    )  # fmt: skip
    check("datatrove", peer_clusters(folder / "clusters", len(matrix)), expected)
    datatrove = json.loads(peer.output.strip().splitlines()[-1])
    of = {name: best(runs) for name, runs in seconds.items()}
    of |= {"datasketch": datasketch, "datatrove": (datatrove["wall"], datatrove["cpu"])}
    return row(options, of, n_clusters=len(np.unique(expected)))


def check(name: str, labels: np.ndarray, expected: np.ndarray) -> None:
    if not np.array_equal(firsts(labels), expected):
        sys.exit(f"the clusters of {name} are not ours")


def row(options: argparse.Namespace, of: dict[str, Timed], *, n_clusters: int) -> dict[str, Any]:
    (wall, cpu), values = of["ours"], {}
    for name, (its_wall, its_cpu) in of.items():
        values[f"wall_seconds_{name}"] = round(its_wall, 3)
        values[f"cpu_seconds_{name}"] = round(its_cpu, 3)
    return {
        "documents": options.documents,
        "clusters": n_clusters,
        **values,
        "of_bare_wall": round(wall / of["bare"][0], 2),
        "of_bare_cpu": round(cpu / of["bare"][1], 2),
        "ratio_datasketch_wall": round(of["datasketch"][0] / wall, 1),
        "ratio_datasketch_cpu": round(of["datasketch"][1] / cpu, 1),
        "ratio_datatrove_wall": round(of["datatrove"][0] / wall, 1),
        "ratio_datatrove_cpu": round(of["datatrove"][1] / cpu, 1),
        "runs": options.runs,
        "peers": "datasketch 2 MinHashLSH insert + query; datatrove 0.10.1 MinHash stages 2 + 3",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-python", required=True, help="interpreter with datatrove")
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        record("clusters", measure(options, Path(folder)))


if __name__ == "__main__":
    main()
