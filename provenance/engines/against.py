"""Deduplicating a run against earlier ones: their tables again, their texts not.

The search runs over all runs at once, so that a document is a copy exactly where it would be one
had the runs been one; documents of earlier runs are preferred. What it costs grows with the
signatures of all of them.

Ids are made from names and positions of files, so two runs may use one id for two documents. Here
the ids of each earlier run are combined (exclusive or) with a key of that run.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from provenance import batch as contract
from provenance.dedup.keeper import assign
from provenance.dedup.parameters import DedupParameters
from provenance.dedup.search import find_duplicates
from provenance.emit.parquet import PartWriter
from provenance.engines.statements import statement
from provenance.engines.store import Store
from provenance.session import Session

_DOCUMENT = (
    "doc_id", "content_hash", "captured_at", "host", "n_tokens", "url", "record_id", "source_uri",
    "source_pos",
)  # fmt: skip
_EARLIER = pa.schema(
    [
        *contract.schema(_DOCUMENT),
        pa.field("original", contract.DOC_ID),
        pa.field("run", pa.int32()),
        pa.field("plan", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class _Copies:
    """Files of one earlier run under ids of their own."""

    documents: str
    signatures: str


def assign_against(
    session: Session,
    store: Store,
    runs: Sequence[Store],
    *,
    parameters: DedupParameters,
    near_duplicates: bool,
) -> None:
    """Create table `assigned` for `store`, whose documents give way to those of earlier `runs`.

    Adds to table `reference_matches` the documents of earlier runs that are named there.
    """
    folder = session.scratch_file("against")
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
    folder.mkdir()
    copies = [_copy(run, number, folder) for number, run in enumerate(runs)]
    duplicates = folder / "duplicates.parquet"
    with Session(folder / "search") as search:
        find_duplicates(
            search,
            documents=[*(copy.documents for copy in copies), *store.parts("documents")],
            signatures=[*(copy.signatures for copy in copies), *store.parts("signatures")],
            out=duplicates,
            parameters=parameters,
        )
    session.run(statement("earlier"), parts=[copy.documents for copy in copies])
    session.run(statement("deduplicated"), this_run=len(runs))
    assign(
        session,
        documents="deduplicated",
        duplicates=duplicates,
        into="assigned_all",
        near_duplicates=near_duplicates,
    )
    session.run(statement("assigned_here"))
    session.run(statement("earlier_matches"))
    for table in ("assigned_all", "deduplicated", "earlier"):
        session.run(f"DROP TABLE {table}")


def _copy(run: Store, number: int, folder: Path) -> _Copies:
    plan = run.totals()["plan"]
    key = np.frombuffer(hashlib.blake2b(plan.encode(), digest_size=16).digest(), dtype=np.uint8)
    copies = _Copies(str(folder / f"{number}.documents"), str(folder / f"{number}.signatures"))
    with ExitStack() as stack:
        documents = stack.enter_context(PartWriter(copies.documents, _EARLIER))
        signatures = stack.enter_context(PartWriter(copies.signatures, contract.SIGNATURES))
        for batch in _batches(run.parts("documents"), _DOCUMENT):
            documents.write(_renamed(batch, key, number, plan))
        for batch in _batches(run.parts("signatures"), contract.SIGNATURES.names):
            ids = _combined(batch.column("doc_id"), key)
            columns = [ids, *batch.columns[1:]]
            signatures.write(pa.RecordBatch.from_arrays(columns, schema=contract.SIGNATURES))
    return copies


def _batches(parts: Sequence[str], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for part in parts:
        with pq.ParquetFile(part) as file:
            for batch in file.iter_batches(4096, columns=list(columns)):
                yield batch.select(list(columns))


def _renamed(batch: pa.RecordBatch, key: np.ndarray, number: int, plan: str) -> pa.RecordBatch:
    n = batch.num_rows
    ids = batch.column("doc_id")
    more = [ids, pa.array([number] * n, pa.int32()), pa.array([plan] * n, pa.string())]
    columns = {**dict(zip(batch.schema.names, batch.columns, strict=True)),
               "doc_id": _combined(ids, key),
               **dict(zip(("original", "run", "plan"), more, strict=True))}  # fmt: skip
    return pa.RecordBatch.from_arrays([columns[name] for name in _EARLIER.names], schema=_EARLIER)


def _combined(ids: pa.FixedSizeBinaryArray, key: np.ndarray) -> pa.FixedSizeBinaryArray:
    start = 16 * ids.offset
    data = np.frombuffer(ids.buffers()[1], dtype=np.uint8)[start : start + 16 * len(ids)]
    combined = (data.reshape(-1, 16) ^ key).tobytes()
    return pa.FixedSizeBinaryArray.from_buffers(ids.type, len(ids), [None, pa.py_buffer(combined)])
