"""The texts of a scored store, in the order and form in which a segment holds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from provenance import batch as contract
from provenance.dedup.anchor.build import DOCUMENTS, Chunk
from provenance.dedup.anchor.statements import statement
from provenance.dedup.anchor.texts import SignedBatch, signed_batch
from provenance.dedup.boilerplate import Boilerplate
from provenance.session import Session

_CHUNK_TEXTS = 8192


def gather(
    session: Session, *, documents: Sequence[str], signatures: Sequence[str], boilerplate: Path
) -> Iterator[Chunk]:
    """The distinct texts of the store's parts, from the earliest; the undated come last.

    boilerplate: the table that `find_duplicates` wrote.
    """
    known = Boilerplate.load(boilerplate)
    session.run(statement("texts"), documents=list(documents), signatures=list(signatures))
    before = -1
    query = statement("signed_texts")
    for batch in session.reader(query, rows=_CHUNK_TEXTS, signatures=list(signatures)):
        texts = batch.column("text").to_numpy()
        is_new = np.diff(texts, prepend=before) > 0
        before = texts[-1]
        yield _chunk(batch.filter(pa.array(is_new)), known)


def _chunk(batch: pa.RecordBatch, known: Boilerplate) -> Chunk:
    signed = signed_batch(
        batch.column("n_shingles"), batch.column("sketch"), batch.column("probes"),
        batch.column("content_hash"),
    )  # fmt: skip
    hosts = batch.column("host").to_pylist()
    (documents,) = contract.restamp(batch, DOCUMENTS).combine_chunks().to_batches()
    return Chunk(
        documents=documents,
        signed=signed,
        is_boilerplate=known.marks(hosts, signed.bounds, signed.hashes),
        is_boilerplate_probe=known.marks(hosts, signed.probe_bounds, low_bits(signed)),
    )


def low_bits(signed: SignedBatch) -> np.ndarray:
    """The shingle hashes, uint32, of the probes of a batch."""
    return (signed.probes & np.uint64(0xFFFFFFFF)).astype(np.uint32)
