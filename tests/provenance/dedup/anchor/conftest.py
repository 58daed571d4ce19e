"""Segments of a few texts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from provenance import batch as contract
from provenance.dedup.anchor.build import DOCUMENTS, Chunk, write_segment
from provenance.dedup.anchor.tables import Segment
from provenance.dedup.anchor.texts import SignedBatch, signed_batch
from provenance.dedup.minhash import sign


def signed(texts: Sequence[str]) -> SignedBatch:
    columns = sign(pa.array(texts, pa.large_string()), num_perm=1)
    hashes = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
    return signed_batch(
        columns.n_shingles, columns.sketch, columns.probes, pa.array(hashes, contract.DOC_ID)
    )


def chunk(texts: Sequence[str], boilerplate: Sequence[int] = (), first: int = 0) -> Chunk:
    """Texts captured a day after each other; `boilerplate`: shingle hashes that are."""
    batch = signed(texts)
    day = 86_400_000_000
    columns = {
        "doc_id": [bytes([0] * 14 + list(divmod(first + i, 256))) for i in range(len(texts))],
        "source_uri": ["archive.warc.gz"] * len(texts),
        "source_pos": list(range(first, first + len(texts))),
        "record_id": [None] * len(texts),
        "url": [f"https://early.example/{first + i}" for i in range(len(texts))],
        "captured_at": [(first + i) * day for i in range(len(texts))],
    }
    arrays = [
        pa.array(columns[field.name], pa.int64()).cast(field.type)
        if field.name == "captured_at"
        else pa.array(columns[field.name], field.type)
        for field in DOCUMENTS
    ]
    low = (batch.probes & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    given = np.array(boilerplate, dtype=np.uint32)
    return Chunk(
        documents=pa.RecordBatch.from_arrays(arrays, schema=DOCUMENTS),
        signed=batch,
        is_boilerplate=np.isin(batch.hashes, given),
        is_boilerplate_probe=np.isin(low, given),
    )


Make = Callable[..., Segment]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a segment of chunks."""

    def run(*chunks: Chunk, folder: str = "segments") -> Segment:
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        return write_segment(chunks, tmp_path / folder, facts={"plan": "p"}, scratch=scratch)

    return run


@pytest.fixture
def chunk_of() -> Callable[..., Chunk]:
    return chunk


@pytest.fixture
def signed_of() -> Callable[..., SignedBatch]:
    return signed
