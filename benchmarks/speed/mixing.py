"""`provenance mix` over a scored store of a million rows, synthesised for this benchmark.

One document in ten has an earlier near copy; languages, dates, lengths and scores vary. The texts
are short (about 300 characters), so the copying of kept rows weighs less than on real pages: the
time of the decisions is what this measures. No peer balances by tokens over tiers, so there is no
ratio; the bound is 20 s on two cores.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measure import ROOT, Cost, record, run

from provenance import batch as contract
from provenance.dedup.search import EDGES
from provenance.emit.atomic import write_json
from provenance.engines.plan import Plan
from provenance.engines.store import FOLDERS, Store
from provenance.sources.columns import Columns
from provenance.sources.limits import Limits
from provenance.stages.registry import StageSpec

PART_ROWS = 50_000
DETECTORS = [{"name": "linear", "fingerprint": None, "calibration": None, "language_model": None}]
PLAN = Plan(
    slices=(),
    stages=(StageSpec("detect", {"facts": {"detectors": DETECTORS}}),),
    columns=Columns(),
    limits=Limits(),
    versions={},
)
#: Columns of a scored document.
SCORED = (
    *(
        name
        for owner in ("source", "extract", "identify", "quality", "gather", "fuse")
        for name in contract.added_by(owner)
        if name not in ("raw", "marks", "normal_form")
    ),
    *(column.name for column in contract.detected("linear")),
)
WORDS = np.array(["alpha", "brick", "cedar", "delta", "ember", "fjord", "grove", "haven", "ivory"])


def build(root: Path, n_rows: int) -> None:
    """A finished scored store of `n_rows` documents at `root`."""
    rng = np.random.default_rng(0)
    store = Store(root)
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    ids = rng.bytes(16 * n_rows)
    for part in range(0, n_rows // PART_ROWS):
        batch = documents(rng, ids, part)
        pq.write_table(pa.Table.from_batches([batch]), store.part("documents", part),
                       row_group_size=4096, compression="zstd")  # fmt: skip
        pq.write_table(contract.REJECTS.empty_table(), store.part("rejects", part))
    pq.write_table(edges(ids, n_rows), store.duplicates)
    write_json(store.plan_path, PLAN.to_dict())
    write_json(
        store.done_path,
        {"plan": "synthetic", "versions": {}, "slices": n_rows // PART_ROWS, "files": 1,
         "skipped_files": [], "inputs": [], "n_records": n_rows, "n_documents": n_rows,
         "rejects": {}},
    )  # fmt: skip


def documents(rng: np.random.Generator, ids: bytes, part: int) -> pa.RecordBatch:
    """One part of the store."""
    n, start = PART_ROWS, part * PART_ROWS
    llr = rng.normal(-2, 2, n).astype(np.float32)
    abstained = rng.random(n) < 0.2
    days = rng.integers(17_500, 20_300, n)
    columns = {
        "doc_id": fixed(ids[16 * start : 16 * (start + n)], n),
        "source_uri": pa.array([f"shard-{part:05d}.warc.gz"] * n),
        "source_pos": pa.array(np.arange(n) * 5000, pa.int64()),
        "record_id": pa.array([f"<urn:uuid:{i:032x}>" for i in range(start, start + n)]),
        "url": pa.array([f"https://site-{i % 997}.example/{i}" for i in range(start, start + n)]),
        "host": pa.array([f"site-{i % 997}.example" for i in range(start, start + n)]),
        "captured_at": pa.array(days * 86_400_000_000, pa.int64()).cast(contract.TIMESTAMP),
        "media_type": pa.array(["text/html"] * n),
        "text": pa.array([" ".join(rng.choice(WORDS, 70)) for _ in range(n)], pa.large_string()),
        "content_hash": fixed(rng.bytes(16 * n), n),
        "lang": pa.array(rng.choice(["en", "de", "fr", "ru"], n)),
        "lang_confidence": pa.array(rng.random(n), pa.float32()),
        "n_chars": pa.array(rng.integers(50, 20_000, n), pa.int64()),
        "n_tokens": pa.array(rng.integers(20, 5_000, n), pa.int64()),
        "rarity": pa.array(rng.random(n), pa.float32()),
        "evidence": pa.array([[]] * n, contract.EVIDENCE),
        "score_linear": masked(rng.normal(0, 1, n), abstained),
        "tokens_linear": pa.array(rng.integers(20, 4_000, n), pa.int32()),
        "part_linear": masked(llr, abstained),
        "llr": masked(llr, abstained),
        "llr_low": masked(llr - 1, abstained),
        "llr_high": masked(llr + 1, abstained),
        "human_tail": masked(rng.random(n), abstained),
        "ngram_novelty": pa.array(rng.random(n), pa.float32()),
    }
    schema = contract.schema(SCORED)
    arrays = [columns.get(f.name, pa.nulls(n, f.type)) for f in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def edges(ids: bytes, n_rows: int) -> pa.Table:
    """Every tenth document matches the one before it."""
    later = np.arange(1, n_rows, 10)
    n = len(later)
    raw = np.frombuffer(ids, dtype="V16")
    values = {
        "doc_a": fixed(raw[later - 1].tobytes(), n),
        "doc_b": fixed(raw[later].tobytes(), n),
        "kind": pa.array(["near"] * n),
        "a_is_covered": pa.array([True] * n),
        "b_is_covered": pa.array([True] * n),
    }
    one = pa.array(np.ones(n), pa.float32())
    return pa.Table.from_arrays([values.get(f.name, one) for f in EDGES], schema=EDGES)


def fixed(data: bytes, n: int) -> pa.Array:
    return pa.Array.from_buffers(contract.DOC_ID, n, [None, pa.py_buffer(data)])


def masked(values: np.ndarray, mask: np.ndarray) -> pa.Array:
    return pa.array(values.astype(np.float32), pa.float32(), mask=mask)


def policies(folder: Path) -> dict[str, Path]:
    """The example policy, and the same with an order, repeats as rows and a view."""
    plain = ROOT / "examples" / "policy.yaml"
    ordered = folder / "ordered.yaml"
    ordered.write_text(
        plain.read_text(encoding="utf-8").replace("  budget: max", "  budget: max\n  repeats: rows")
        + "curriculum: {window: 1000 documents, human_refresh: every window}\n"
        + "views: {early: \"first_seen < DATE '2022-01-01'\"}\n",
        encoding="utf-8",
    )
    return {"input order": plain, "curriculum": ordered}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder) / "scored", options.rows)
        for order, policy in policies(Path(folder)).items():
            costs = [
                run([sys.executable, "-m", "provenance.cli.main", "mix", f"{folder}/scored",
                     "--policy", str(policy), "--out", f"{folder}/{policy.stem}-{i}", "--json"])
                for i in range(options.runs)
            ]  # fmt: skip
            measured(order, options.rows, costs)


def measured(order: str, n_rows: int, costs: list[Cost]) -> None:
    """Record the runs under one policy."""
    summary = json.loads(costs[0].output)["summary"]
    walls = sorted(cost.wall_seconds for cost in costs)
    record(
        "mixing",
        {
            "rows": n_rows,
            "order": order,
            "kept": summary["kept_documents"],
            "wall_seconds": round(walls[len(walls) // 2], 2),
            "spread_seconds": round(walls[-1] - walls[0], 2),
            "cpu_seconds": round(sorted(c.cpu_seconds for c in costs)[len(costs) // 2], 2),
            "peak_rss_mib": round(max(cost.peak_rss_mib for cost in costs)),
            "runs": len(costs),
        },
    )


if __name__ == "__main__":
    main()
