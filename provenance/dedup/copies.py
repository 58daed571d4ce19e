"""Every match between the documents of a table, outside a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from provenance import batch as contract
from provenance.dedup.library import Documents, documents_stream, strings, text_forms
from provenance.dedup.minhash import sign
from provenance.dedup.parameters import DedupParameters
from provenance.dedup.search import find_duplicates
from provenance.dedup.signature_tables import TableStream
from provenance.dedup.statements import statement
from provenance.emit.parquet import PartWriter, write_rows
from provenance.errors import InputError, Problem
from provenance.session import MEMORY_LIMIT_BYTES, Session
from provenance.text.normal import content_hash

I64 = npt.NDArray[np.int64]

_TEXTS = pa.schema([("content_hash", contract.DOC_ID), ("host", pa.string())])
_SIGNED = pa.schema([field for field in contract.SIGNATURES if field.name != "probes"])
_DOCUMENTS = contract.schema(("doc_id", "content_hash", "captured_at", "host"))
_MATCHES = [("kind", pa.string()), ("similarity", pa.float32()), ("containment", pa.float32())]


def duplicates(
    documents: Documents,
    *,
    scratch: Path | str,
    id_column: str = "doc_id",
    text_column: str = "text",
    host_column: str | None = None,
    parameters: DedupParameters | None = None,
    memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
) -> pa.RecordBatchReader:
    """Every copy and what it is a copy of: columns doc, match, kind, similarity and containment.

    documents: Parquet files, a table, a reader or a dataset. Ids are unique, of a type that Arrow
    can sort. Rows are ordered by match, then doc.

    kind: `exact`, the normal forms are equal; `near`, they are alike as wholes: similarity, the
    estimated Jaccard of their shingles, reaches `parameters.min_jaccard`; `contained`, most of doc
    stands in match. containment: float32, the estimated share of doc's own shingles that do. Where
    each of two covers the other, match is the one of lesser id. Equal texts are one: all are
    `exact` to the one of least id, which alone is matched with other texts.

    host_column: the site of each document, null where unknown; what a site repeats on its pages
    makes no copies. parameters: what counts as a copy; the defaults of `provenance clean`.

    The search runs when the first batch is read, over files in `scratch` that are removed when the
    reader has ended. In memory are about 100 bytes per document, its id, and `memory_limit_bytes`
    for joins. The rows depend on the documents alone: not on their order, files or batches.

    Raises RequestError or InputError, some of them while it is read, when the documents are not as
    said, and RunError when the disk is full.
    """
    names = [id_column, text_column, *([host_column] if host_column else [])]
    source = documents_stream(documents, names)
    ids = source.schema.field(0).type
    schema = pa.schema([("doc", ids), ("match", ids), *_MATCHES])

    def batches() -> Iterator[pa.RecordBatch]:
        Path(scratch).mkdir(parents=True, exist_ok=True)
        with (
            TemporaryDirectory(prefix=".duplicates-", dir=scratch) as folder,
            Session(Path(folder) / "session", memory_limit_bytes=memory_limit_bytes) as session,
        ):
            search = _Search(session, Path(folder), parameters or DedupParameters())
            yield from search.run(source, schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


class _Search:
    """One search. Documents are numbered as they come, and ordered by the rank of their id."""

    def __init__(self, session: Session, folder: Path, parameters: DedupParameters) -> None:
        self._session, self._parameters = session, parameters
        self._texts, self._signed = folder / "texts.parquet", folder / "signatures.parquet"
        self._documents, self._edges = folder / "documents.parquet", folder / "edges.parquet"

    def run(self, source: TableStream, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The matches, under the documents' own ids."""
        ids = self._write_signed(source)
        order = _order(ids, source.schema.names[0])
        ranks = np.empty_like(order)
        ranks[order] = np.arange(len(order))
        write_rows(self._documents, _DOCUMENTS, self._ordered(ranks))
        find_duplicates(
            self._session,
            documents=[str(self._documents)],
            signatures=[str(self._signed)],
            out=self._edges,
            parameters=self._parameters,
        )
        self._session.register(
            "dedup_ranks",
            pa.table(
                {"doc_id": _numbers(0, len(ids)), "number": np.arange(len(ids)), "rank": ranks}
            ),
        )
        for found in self._session.reader(statement("copies_of"), edges=[str(self._edges)]):
            pair = [ids.take(found.column(name)) for name in ("doc", "match")]
            columns = [*pair, *(found.column(name) for name, _ in _MATCHES)]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    def _write_signed(self, source: TableStream) -> pa.Array:
        """Write what the search needs of each text; returns the ids."""
        ids = [pa.array([], source.schema.field(0).type)]
        n = 0
        with (
            PartWriter(str(self._texts), _TEXTS) as texts,
            PartWriter(str(self._signed), _SIGNED) as signed,
        ):
            for batch in source.batches:
                numbers = _numbers(n, len(batch))
                _write_batch(batch, numbers, texts, signed, self._parameters.num_perm)
                ids.append(batch.column(0))
                n += len(batch)
        return pa.chunked_array(ids).combine_chunks()

    def _ordered(self, ranks: I64) -> Iterator[pa.RecordBatch]:
        """The documents, each captured at the rank of its id: the search prefers the earlier."""
        n = 0
        with pq.ParquetFile(self._texts) as file:
            for batch in file.iter_batches():
                when = pa.array(ranks[n : n + len(batch)]).cast(contract.TIMESTAMP)
                yield pa.record_batch(
                    {
                        "doc_id": _numbers(n, len(batch)),
                        "content_hash": batch["content_hash"],
                        "captured_at": when,
                        "host": batch["host"],
                    }
                )
                n += len(batch)


def _write_batch(
    batch: pa.RecordBatch,
    numbers: pa.FixedSizeBinaryArray,
    texts: PartWriter,
    signed: PartWriter,
    num_perm: int,
) -> None:
    (chunk,) = strings(batch.column(1), f"column {batch.schema.names[1]!r}").chunks
    forms = text_forms(chunk)
    hashes = [None if form is None else content_hash(form) for form in forms.to_pylist()]
    hosts = pa.nulls(len(batch)) if batch.num_columns == 2 else batch.column(2)
    texts.write(
        pa.RecordBatch.from_arrays(
            [pa.array(hashes, contract.DOC_ID), hosts.cast(pa.string())], schema=_TEXTS
        )
    )
    found = sign(forms, num_perm=num_perm)
    columns = [numbers, *(getattr(found, name) for name in _SIGNED.names[1:])]
    signed.write(pa.RecordBatch.from_arrays(columns, schema=_SIGNED))


def _numbers(first: int, n: int) -> pa.FixedSizeBinaryArray:
    """An id for each of `n` documents from number `first` on."""
    halves = np.zeros((n, 2), dtype=np.uint64)
    halves[:, 0] = np.arange(first, first + n)
    return pa.FixedSizeBinaryArray.from_buffers(contract.DOC_ID, n, [None, pa.py_buffer(halves)])


def _order(ids: pa.Array, name: str) -> I64:
    """The numbers of the documents in the order of their ids. Raises InputError for a bad id."""
    if ids.null_count:
        raise InputError(Problem(f"column {name!r}", "an id is null"))
    order = pc.sort_indices(ids)
    ordered = ids.take(order)
    again = pc.equal(ordered.slice(1), ordered.slice(0, max(0, len(ids) - 1)))
    twice = ordered.slice(1).filter(again)
    if len(twice):
        what = f"{len(twice)} rows have an id that another has, {twice[0].as_py()!r} first"
        raise InputError(
            Problem(f"column {name!r}", what, accepted="an id of its own for each row")
        )
    return order.to_numpy().astype(np.int64)
