"""Inputs that can be read only once, copied to a file, so that a killed run can go on."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from provenance.emit.atomic import replacing
from provenance.engines.store import require_empty
from provenance.errors import InputError, Problem

FOLDER = "input"


def spool(batches: Iterable[pa.RecordBatch] | None, root: Path) -> str:
    """Path below `root` of a copy of `batches`, or of standard input when that is None."""
    if not any((root / mark).exists() for mark in ("request.json", "plan.json")):
        require_empty(root, besides=(FOLDER,))
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    if batches is None:
        path = folder / "stdin"
        with replacing(path) as temporary, temporary.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file, 2**20)
    else:
        path = folder / "batches.parquet"
        with replacing(path) as temporary:
            _write(batches, temporary)
    return str(path)


def _write(batches: Iterable[pa.RecordBatch], path: Path) -> None:
    given = iter(batches)
    first = next(given, None)
    if first is None:
        raise InputError(Problem("batches", "none was given", accepted="at least one RecordBatch"))
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_batch(first)
        for batch in given:
            writer.write_batch(batch)
