"""Documents and rejects as Arrow batches, cut by rows and by bytes."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from provenance import batch
from provenance.sources.addresses import host_of
from provenance.sources.records import Document, Reject
from provenance.sources.unicode import encoded

#: A batch is handed on when its payloads reach this size, however few its rows.
BATCH_LIMIT_BYTES = 16 * 2**20
#: Room for a payload where a batch begins; more is made as needed.
EXPECTED_PAYLOAD_BYTES = 2**16
#: Room for the payload that makes a batch full, beyond the limit: larger ones are rare.
LAST_PAYLOAD_BYTES = 2**20

SCHEMA = batch.schema(batch.added_by("source"))


class SourceBatch(NamedTuple):
    """documents: the source columns of `batch`. rejects: `batch.REJECTS`. Either may be empty."""

    documents: pa.RecordBatch
    rejects: pa.RecordBatch


def doc_id(identity: str) -> bytes:
    """The 16 bytes that name a document everywhere: BLAKE2b-128 of its identity."""
    return hashlib.blake2b(encoded(identity), digest_size=16).digest()


class Payloads:
    """The `raw` column of one batch as it grows.

    A payload is copied when it comes, once, while it is in the processor's cache; whatever it was
    a view of is free again. The memory is numpy's, which asks the system for large pages, and is
    not used before it is written. (pa.array would keep what a memoryview views alive for ever, as
    of pyarrow 26.)
    """

    def __init__(self, capacity_bytes: int) -> None:
        self.n_bytes = 0
        self._offsets = [0]
        self._valid: list[bool] = []
        self._view = np.empty(capacity_bytes, np.uint8).data

    def add(self, payload: bytes | memoryview | None) -> None:
        start = self.n_bytes
        if payload:
            self.n_bytes = end = start + len(payload)
            if end > len(self._view):
                self._grow(start, 2 * end)
            self._view[start:end] = payload
        self._offsets.append(self.n_bytes)
        self._valid.append(payload is not None)

    def _grow(self, n_used: int, capacity_bytes: int) -> None:
        view = np.empty(capacity_bytes, np.uint8).data
        view[:n_used] = self._view[:n_used]
        self._view = view

    def array(self) -> pa.Array:
        """What was added, as large_binary; nothing may be added any more."""
        valid = pa.array(self._valid, pa.bool_())
        offsets = pa.array(self._offsets, pa.int64())
        data = pa.py_buffer(self._view[: self.n_bytes])
        buffers = [valid.buffers()[1], offsets.buffers()[1], data]
        return pa.Array.from_buffers(pa.large_binary(), len(valid), buffers)


class Rows:
    """Collects documents and rejects of one file until they make a batch."""

    def __init__(self, uri: str, name: str, *, batch_size: int) -> None:
        self._uri = uri
        self._name = name
        self._batch_size = batch_size
        self._capacity_bytes = min(
            BATCH_LIMIT_BYTES + LAST_PAYLOAD_BYTES, batch_size * EXPECTED_PAYLOAD_BYTES
        )
        self._documents: list[Document] = []
        self._payloads = Payloads(self._capacity_bytes)
        self._rejects: list[Reject] = []

    def add(self, row: Document | Reject) -> bool:
        """Whether there are now enough for a batch."""
        if isinstance(row, Document):
            self._payloads.add(row.payload)
            self._documents.append(Document(row.position, None, *row[2:]))
        else:
            self._rejects.append(row)
        return (
            len(self._documents) >= self._batch_size
            or len(self._rejects) >= 4 * self._batch_size
            or self._payloads.n_bytes >= BATCH_LIMIT_BYTES
        )

    def __bool__(self) -> bool:
        return bool(self._documents or self._rejects)

    def flush(self) -> SourceBatch:
        """What was collected, which is then forgotten."""
        made = SourceBatch(self._documents_batch(), self._rejects_batch())
        self._documents, self._rejects = [], []
        self._payloads = Payloads(self._capacity_bytes)
        return made

    def _documents_batch(self) -> pa.RecordBatch:
        rows = self._documents
        urls = [row.url for row in rows]
        arrays = {
            "doc_id": pa.array([self._doc_id(row) for row in rows], batch.DOC_ID),
            "source_uri": _repeated(self._uri, len(rows)),
            "source_pos": pa.array([row.position for row in rows], pa.int64()),
            "record_id": _strings([row.record_id for row in rows]),
            "url": _strings(urls),
            "host": _strings([host_of(url) for url in urls]),
            "captured_at": pa.array([row.captured_us for row in rows], pa.int64()).cast(
                batch.TIMESTAMP
            ),
            "media_type": pa.array([row.media_type for row in rows], pa.string()),
            "headers": _maps([row.headers for row in rows]),
            "truncated": _strings([row.truncated for row in rows]),
            "raw": self._payloads.array(),
        }
        return pa.RecordBatch.from_arrays([arrays[name] for name in SCHEMA.names], schema=SCHEMA)

    def _doc_id(self, row: Document) -> bytes:
        return doc_id(row.identity or f"{self._name}\x00{row.position}")

    def _rejects_batch(self) -> pa.RecordBatch:
        rows = self._rejects
        arrays = {
            "record_id": _strings([row.record_id for row in rows]),
            "source_uri": _repeated(self._uri, len(rows)),
            "source_pos": pa.array([row.position for row in rows], pa.int64()),
            "url": _strings([row.url for row in rows]),
            "is_record": pa.array([row.is_record for row in rows], pa.bool_()),
            "reason": pa.array([row.reason for row in rows], pa.string()),
            "detail": _strings([row.detail for row in rows]),
        }
        schema = batch.REJECTS
        return pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema)


def _repeated(text: str, n_rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), n_rows)


def _strings(texts: list[str | None]) -> pa.Array:
    """`texts` as an array; a lone surrogate, which UTF-8 cannot hold, becomes U+FFFD."""
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:
        clean = [None if text is None else encoded(text).decode() for text in texts]
        return pa.array(clean, pa.string())


def _maps(maps: list[dict[str, str]]) -> pa.Array:
    offsets = [0]
    for each in maps:
        offsets.append(offsets[-1] + len(each))
    names = [name for each in maps for name in each]
    values = [value for each in maps for value in each.values()]
    return pa.MapArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.array(names, pa.string()), pa.array(values, pa.string())
    )
