"""Inputs that can be read only once, copied to a file, so that a killed run can go on."""

from __future__ import annotations

import itertools
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from provenance.emit.atomic import digest_file, replacing
from provenance.engines.store import another_run, require_empty
from provenance.errors import InputError, OutputError, Problem

FOLDER = "input"


def spool(batches: Iterable[pa.RecordBatch] | None, root: Path) -> str:
    """Path below `root` of a copy of `batches`, or of standard input when that is None.

    Raises OutputError, and changes nothing, when `root` holds a copy of something else.
    """
    if not any((root / mark).exists() for mark in ("request.json", "plan.json")):
        require_empty(root, besides=(FOLDER,))
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    if batches is None:
        path = folder / "stdin"
        with _copy(path, root) as temporary, temporary.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file, 2**20)
    else:
        path = folder / "batches.parquet"
        with _copy(path, root) as temporary:
            _write(batches, temporary)
    return str(path)


@contextmanager
def _copy(path: Path, root: Path) -> Iterator[Path]:
    """A temporary path that becomes `path`, or must hold the same bytes where that exists."""
    with replacing(path) as temporary:
        yield temporary
        if path.exists() and digest_file(path) != digest_file(temporary):
            raise OutputError(another_run(root))


def _write(batches: Iterable[pa.RecordBatch], path: Path) -> None:
    given = iter(batches)
    first = next(given, None)
    if first is None:
        raise InputError(Problem("batches", "none was given", accepted="at least one RecordBatch"))
    _check(first, first)
    with pq.ParquetWriter(path, first.schema) as writer:
        for batch in itertools.chain([first], given):
            _check(batch, first)
            writer.write_batch(batch)


def _check(batch: Any, first: pa.RecordBatch) -> None:
    """Raises InputError unless `batch` is a RecordBatch of the first one's columns."""
    if not isinstance(batch, pa.RecordBatch):
        what = f"holds a {type(batch).__name__}"
    elif not batch.schema.equals(first.schema):
        what = f"a batch has other columns than the first: {', '.join(batch.schema.names)}"
    else:
        return
    raise InputError(Problem("batches", what, accepted="pyarrow.RecordBatch of one schema"))
