"""The manifest: what a dataset is, and a digest of every file of it.

`manifest.json` is canonical JSON, written last: where it stands, the dataset is whole.
`manifest.sha256` beside it is what `sha256sum --check` reads, so that a flipped bit of the manifest
itself is found. Whoever can write the folder can rewrite both: against that only a signature, or a
root known from elsewhere, helps.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from provenance.emit.atomic import digest_file, write_text
from provenance.emit.canonical import canonical_json
from provenance.errors import InputError, Problem

VERSION = "manifest/1"
NAME = "manifest.json"
DIGEST_NAME = "manifest.sha256"
DOC_ID_BYTES = 16


def describe(path: Path) -> dict[str, Any]:
    """Size and SHA-256 of the file; of a Parquet file with documents also `doc_ids`.

    doc_ids: SHA-256 of the column doc_id, 16 bytes a row in order, and the sum of the ids, which is
    blind to order: they tell rows in another order from rows with other content.
    """
    described: dict[str, Any] = {"bytes": path.stat().st_size, "sha256": digest_file(path)}
    if path.suffix == ".parquet":
        with pq.ParquetFile(path) as file:
            described["rows"] = file.metadata.num_rows
            if "doc_id" in file.schema_arrow.names:
                described["doc_ids"] = digest_doc_ids(file)
    return described


def digest_doc_ids(file: pq.ParquetFile) -> dict[str, str]:
    """SHA-256 of the column doc_id, and the sum of the ids as two little-endian uint64 each."""
    digest, total = hashlib.sha256(), np.zeros(2, dtype="<u8")
    for batch in file.iter_batches(2**16, columns=["doc_id"]):
        ids = batch.column(0)
        start = DOC_ID_BYTES * ids.offset
        data = memoryview(ids.buffers()[1])[start : start + DOC_ID_BYTES * len(ids)]
        digest.update(data)
        total += np.frombuffer(data, dtype="<u8").reshape(-1, 2).sum(axis=0, dtype="<u8")
    return {"sha256": digest.hexdigest(), "sum": total.tobytes().hex()}


def describe_all(out: Path, names: Iterable[str]) -> dict[str, Any]:
    """`describe` of each named file below `out`, by name."""
    return {name: describe(out / name) for name in sorted(names)}


def write_manifest(out: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest, and before it the file that holds its digest."""
    text = canonical_json(manifest)
    write_text(out / DIGEST_NAME, digest_line(hashlib.sha256(text.encode()).hexdigest()))
    write_text(out / NAME, text)


def digest_line(digest: str) -> str:
    """The content of `manifest.sha256`."""
    return f"{digest}  {NAME}\n"


def require_manifest(out: Path) -> None:
    """Raises InputError when no whole dataset is at `out`."""
    if not (out / NAME).is_file():
        raise InputError(
            Problem(
                str(out), "no finished dataset is here", accepted="a folder made by clean or mix"
            )
        )


def read_manifest(out: Path) -> dict[str, Any]:
    """The manifest of the dataset at `out`. Raises InputError when no whole dataset is there."""
    require_manifest(out)
    value: dict[str, Any] = json.loads((out / NAME).read_text(encoding="utf-8"))
    return value
