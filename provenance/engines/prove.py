"""The proof of one document's decision, out of a finished dataset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from provenance.emit.leaves import LEAF_COLUMNS, leaf_value, leaves
from provenance.emit.manifest import read_manifest
from provenance.emit.merkle import hash_leaves, inclusion_path, tree_root
from provenance.emit.parquet import ROW_GROUP_ROWS
from provenance.emit.proof import Proof
from provenance.errors import InputError, Problem

_NAMED_BY = ("doc_id", "url", "record_id")


def prove_document(out: Path, document: str) -> Proof:
    """The proof for one document of the dataset at `out`.

    document: a URL, a doc_id in hex, or a WARC-Record-ID. Raises InputError when there is no such
    document, when a URL was captured several times, and when the decisions are not those of the
    manifest: a proof that nobody could check is not given.
    """
    manifest = read_manifest(out)
    path = out / "decisions.parquet"
    index, row = _find(path, document)
    hashes = read_hashes(path)
    root = tree_root(hashes).hex()
    if root != manifest["merkle"]["root"]:
        raise InputError(
            Problem(
                str(path), "is not what the manifest says", accepted=f"see provenance verify {out}"
            )
        )
    nodes = tuple(node.hex() for node in inclusion_path(hashes, index))
    return Proof(leaf_value(row), index, manifest["merkle"]["size"], nodes, root)


def read_hashes(decisions: Path) -> bytes:
    """The leaf hashes of all decisions in the file, in order."""
    return b"".join(hash_leaves(leaves(batch)) for batch in _batches(decisions, list(LEAF_COLUMNS)))


def _batches(path: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(ROW_GROUP_ROWS, columns=columns)


def _find(path: Path, document: str) -> tuple[int, dict[str, Any]]:
    found: list[tuple[int, dict[str, Any]]] = []
    offset = 0
    for batch in _batches(path, sorted({*LEAF_COLUMNS, *_NAMED_BY})):
        rows = pc.indices_nonzero(_matches(batch, document)).to_pylist()
        found += [(offset + row, batch.slice(row, 1).to_pylist()[0]) for row in rows]
        offset += batch.num_rows
    if len(found) == 1:
        return found[0]
    what = "no document has this URL, doc_id or record id"
    accepted = "a document that `provenance explain` knows"
    if found:
        what = f"{len(found)} documents have this address"
        accepted = "the doc_id of one: " + ", ".join(row["doc_id"].hex() for _, row in found[:8])
    raise InputError(Problem(document, what, accepted=accepted))


def _matches(batch: pa.RecordBatch, document: str) -> pa.Array:
    """Which rows are named `document`."""
    matches = [pc.equal(batch.column(name), document) for name in ("url", "record_id")]
    if re.fullmatch(r"[0-9a-fA-F]{32}", document):
        doc_id = pa.scalar(bytes.fromhex(document), batch.schema.field("doc_id").type)
        matches.append(pc.equal(batch.column("doc_id"), doc_id))
    found = matches[0].fill_null(False)
    for other in matches[1:]:
        found = pc.or_(found, other.fill_null(False))
    return found
