"""One slice's work: read, run the stages, write the parts, then the manifest that says done.

Every engine calls `run_slice`; what it writes depends on the plan and the slice alone.
"""

from __future__ import annotations

import functools
import json
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from provenance import batch as contract
from provenance.emit.atomic import digest_file, replacing, write_json
from provenance.emit.parquet import PartWriter
from provenance.engines.plan import Plan
from provenance.engines.store import Store
from provenance.sources.read import SliceReader, read_slice
from provenance.sources.slices import hashed_part
from provenance.stage import Stage, check_chain

#: Columns of a store that stand in its signatures.
_SIGNED = frozenset(contract.added_by("sign"))


def run_slice(
    plan_path: Path, index: int, *, batch_size: int, start: int | None = None
) -> dict[str, Any]:
    """The manifest of slice `index` of the plan at `plan_path`, after doing it unless done.

    start: where the slice really begins, when the slice before it ended elsewhere than planned;
    a manifest with another start is then done anew.
    """
    plan, stages = _load(plan_path)
    store = Store(plan_path.parent)
    planned = plan.slices[index]
    one = planned if start is None else replace(planned, start=start)
    done = store.manifest(index)
    if done is not None and done["start"] == one.start:
        return done
    hashed = hashed_part(plan.slices, index)
    reader = read_slice(
        one, columns=plan.columns, limits=plan.limits, batch_size=batch_size, hashed=hashed
    )
    counts = _write(reader, stages, store, index)
    manifest = {
        "slice": index,
        "name": one.name,
        "plan": plan.digest,
        "start": one.start,
        "end": reader.end,
        "n_records": reader.n_records,
        "input": _input(hashed, reader.sha256),
        **counts,
        "sha256": {
            folder: digest_file(store.part(folder, index))
            for folder in ("documents", "signatures", "rejects")
        },
    }
    write_json(store.part("slices", index), manifest)
    return manifest


def _input(hashed: range | None, sha256: str | None) -> dict[str, Any] | None:
    """Which bytes of the input file were hashed; None when none were."""
    if hashed is None:
        return None
    return {"start": hashed.start, "end": hashed.stop, "sha256": sha256}


@functools.lru_cache(maxsize=1)
def _load(plan_path: Path) -> tuple[Plan, list[Stage]]:
    plan = Plan.from_dict(json.loads(plan_path.read_text(encoding="utf-8")))
    return plan, plan.build()


def _write(reader: SliceReader, stages: list[Stage], store: Store, index: int) -> dict[str, Any]:
    with ExitStack() as stack:
        documents, signatures, rejects = (
            stack.enter_context(
                PartWriter(str(stack.enter_context(replacing(store.part(folder, index)))), schema)
            )
            for folder, schema in (
                ("documents", contract.schema(stored_columns(stages))),
                ("signatures", contract.SIGNATURES),
                ("rejects", contract.REJECTS),
            )
        )
        reasons: Counter[str] = Counter()
        for given in reader:
            rejects.write(given.rejects)
            reasons.update(given.rejects.column("reason").to_pylist())
            if given.documents.num_rows:
                scored = run_stages(given.documents, stages)
                documents.write(scored)
                signatures.write(scored)
        return {"n_documents": documents.n_rows, "rejects": dict(sorted(reasons.items()))}


def stored_columns(stages: list[Stage]) -> list[str]:
    """The columns of a document that `stages` leave, but for those of its signature."""
    left = check_chain(stages, contract.added_by("source"))
    return [name for name in left if name not in _SIGNED]


def run_stages(batch: pa.RecordBatch, stages: list[Stage]) -> pa.RecordBatch:
    """`batch` after every stage, in order; as many rows as before."""
    for stage in stages:
        before = batch.num_rows
        batch = stage(batch)
        if batch.num_rows != before:
            raise AssertionError(f"stage {stage.name!r} changed {before} rows to {batch.num_rows}")
    return batch
