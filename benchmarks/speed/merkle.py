"""A Merkle tree over a million decisions: encoded, hashed, joined, and one proof out of it.

The peer is pymerkle (GPL, so it is installed for this alone: `pip install pymerkle`), an RFC 9162
tree in memory. It is given the same leaves as bytes, and its root must be the same; encoding rows
as leaves is ours alone and is timed apart.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import TypeVar

import numpy as np
import pyarrow as pa
from measure import record

from provenance import batch as contract
from provenance.emit.leaves import LEAF_COLUMNS, leaves
from provenance.emit.merkle import hash_leaves, inclusion_path, root_of_path, tree_root

Result = TypeVar("Result")
BATCH_ROWS = 4096


def decisions(n: int) -> pa.RecordBatch:
    """Decisions such as `mix` writes, with addresses of about 60 characters."""
    rng = np.random.default_rng(0)
    kept = rng.random(n) < 0.7
    columns = {
        "doc_id": fixed(rng.bytes(16 * n), n),
        "content_hash": fixed(rng.bytes(16 * n), n),
        "duplicate_of": pa.nulls(n, contract.DOC_ID),
        "url": pa.array([f"https://www.site-{i % 997}.example/a/page/{i:032}" for i in range(n)]),
        "captured_at": pa.array(rng.integers(15e14, 17e14, n)).cast(contract.TIMESTAMP),
        "n_tokens": pa.array(rng.integers(20, 5000, n)),
        "p_synthetic": pa.array(rng.random(n) ** 8, pa.float32()),
        "tier": pa.array(rng.integers(0, 4, n), pa.uint8()),
        "tier_reason": pa.array(["unknown"] * n),
        "stratum": pa.array(np.where(kept, "filtered_web", "unknown_web")),
        "decision": pa.array(np.where(kept, "keep", "drop")),
        "reasons": pa.array([[] if k else ["duplicate"] for k in kept], pa.list_(pa.string())),
        "epochs": pa.array(kept.astype(np.int32)),
    }  # fmt: skip
    schema = contract.schema(LEAF_COLUMNS)
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def fixed(data: bytes, n: int) -> pa.Array:
    return pa.Array.from_buffers(contract.DOC_ID, n, [None, pa.py_buffer(data)])


def encoded(batch: pa.RecordBatch) -> list[bytes]:
    return [
        leaf
        for start in range(0, batch.num_rows, BATCH_ROWS)
        for leaf in leaves(batch.slice(start, BATCH_ROWS))
    ]


def ours(given: list[bytes]) -> bytes:
    return tree_root(hash_leaves(given))


def theirs(given: list[bytes]) -> bytes:
    from pymerkle import InmemoryTree

    tree = InmemoryTree(algorithm="sha256")
    for leaf in given:
        tree.append_entry(leaf)
    root: bytes = tree.get_root()
    return root


def best(work: Callable[[], Result], runs: int) -> tuple[Result, float, float]:
    """The result, the least CPU seconds of `runs`, and their spread."""
    seconds = []
    for _ in range(runs):
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    return result, min(seconds), max(seconds) - min(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--peer-rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    batch = decisions(options.rows)
    given, encode_seconds, _ = best(lambda: encoded(batch), options.runs)
    root, tree_seconds, spread = best(lambda: ours(given), options.runs)
    few = given[: options.peer_rows]
    few_root, few_seconds, _ = best(lambda: ours(few), options.runs)
    peer_root, peer_seconds, _ = best(lambda: theirs(few), options.runs)
    if few_root != peer_root:
        sys.exit("the roots differ")
    path, proof_seconds, _ = best(lambda: inclusion_path(hash_leaves(given), 1), 1)
    if root_of_path(given[1], index=1, size=len(given), path=path) != root:
        sys.exit("the proof does not give the root")
    record(
        "merkle",
        {
            "leaves": options.rows,
            "leaf_bytes": round(sum(map(len, given)) / len(given)),
            "encode_cpu_seconds": round(encode_seconds, 2),
            "tree_cpu_seconds": round(tree_seconds, 2),
            "tree_spread_seconds": round(spread, 2),
            "prove_cpu_seconds": round(proof_seconds, 2),
            "peer_leaves": options.peer_rows,
            "cpu_seconds_at_peer_leaves": round(few_seconds, 3),
            "cpu_seconds_peer": round(peer_seconds, 3),
            "ratio": round(peer_seconds / few_seconds, 1),
            "peer": f"pymerkle {version('pymerkle')} InmemoryTree",
            "runs": options.runs,
        },
    )


if __name__ == "__main__":
    main()
