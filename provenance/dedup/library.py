"""Signatures of any texts, and of any table with an id and a text, outside a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import dataset

from provenance.dedup.minhash import Scheme, ShingleHashes, binary, minima, shingle_hashes
from provenance.dedup.signature_tables import Tables, TableStream, stream
from provenance.errors import InputError, Problem, RequestError, nearest

#: Texts signed at a time. Their memory is that of ten copies of them.
TEXTS_AT_ONCE = 1024

U32 = npt.NDArray[np.uint32]

Texts: TypeAlias = Sequence[str | None] | pa.Array | pa.ChunkedArray
Documents: TypeAlias = Tables | dataset.Dataset


def signatures(
    texts: Texts, *, num_perm: int = 112, scheme: Scheme = "affine32", device: str | None = None
) -> U32:
    """MinHash signatures of the normal forms of `texts`: uint32 of shape [n, num_perm].

    Equal, value for value, to those of datasketch fed with the same shingles: `minhash` says how to
    make them. scheme: datasketch's since version 2, or "legacy", that of versions before, whose
    values it keeps in uint64. A text without words, and a null, has 2**32 - 1 everywhere.
    device: a torch device that applies the permutations, with the same result; by default compiled
    code does, on one core.

    Raises RequestError when a parameter is not as said, InputError when a text is no UTF-8.
    """
    _check(num_perm, scheme)
    column = strings(texts, "texts")
    chunks = [
        _permuted(shingles, num_perm=num_perm, scheme=scheme, device=device)
        for shingles in _shingles(column)
    ]
    return np.concatenate([np.empty((0, num_perm), dtype=np.uint32), *chunks])


def sign_documents(
    documents: Documents,
    *,
    id_column: str = "doc_id",
    text_column: str = "text",
    num_perm: int = 112,
    scheme: Scheme = "affine32",
    device: str | None = None,
) -> pa.RecordBatchReader:
    """The signature of every document, in order: columns `id_column`, n_shingles and signature.

    documents: Parquet files, a table, a reader or a dataset. n_shingles: int32, distinct shingles
    of five words of the normal form. signature: num_perm little-endian uint32, as `clusters` takes
    them; see `signatures`. Documents stream through; memory does not grow with their number.

    Raises RequestError when a parameter is not as said, InputError when the documents are not.
    """
    _check(num_perm, scheme)
    source = documents_stream(documents, (id_column, text_column))
    id_type = source.schema.field(0).type
    schema = pa.schema(
        [(id_column, id_type), ("n_shingles", pa.int32()), ("signature", pa.large_binary())]
    )

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in source.batches:
            first = 0
            for shingles in _shingles(strings(batch.column(1), f"column {text_column!r}")):
                matrix = _permuted(shingles, num_perm=num_perm, scheme=scheme, device=device)
                counts = np.diff(shingles.bounds).astype(np.int32)
                ids = batch.column(0).slice(first, len(shingles))
                first += len(shingles)
                yield pa.record_batch([ids, pa.array(counts), binary(matrix)], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def documents_stream(documents: Documents, names: Sequence[str]) -> TableStream:
    """The columns `names` of the documents, about TEXTS_AT_ONCE at a time. Raises InputError."""
    if isinstance(documents, dataset.Dataset):
        documents = documents.scanner(batch_size=TEXTS_AT_ONCE).to_reader()
    return stream(documents, names, rows=TEXTS_AT_ONCE)


def text_forms(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """The normal form of every text, null where it is. Raises InputError when one is no UTF-8."""
    from provenance.text.forms import normal_forms  # noqa: PLC0415 (compiles, or reads its cache)

    try:
        return normal_forms(texts)
    except UnicodeDecodeError as error:
        raise InputError(Problem("texts", f"a text is no UTF-8: {error}")) from error


def _shingles(column: pa.ChunkedArray) -> Iterator[ShingleHashes]:
    """The shingle hashes of the texts, at most TEXTS_AT_ONCE at a time."""
    for chunk in column.chunks:
        for first in range(0, len(chunk), TEXTS_AT_ONCE):
            yield shingle_hashes(text_forms(chunk.slice(first, TEXTS_AT_ONCE)))


def _permuted(shingles: ShingleHashes, *, num_perm: int, scheme: Scheme, device: str | None) -> U32:
    if device is None:
        return minima(shingles, num_perm=num_perm, scheme=scheme)
    from provenance.dedup.device import minima_on  # noqa: PLC0415 (loads torch)

    return minima_on(device, shingles, num_perm=num_perm, scheme=scheme)


def strings(texts: Texts, where: str) -> pa.ChunkedArray:
    """The texts as large strings. Raises InputError when they are of another type."""
    given = texts if isinstance(texts, pa.Array | pa.ChunkedArray) else pa.array(texts)
    kind = given.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)):
        raise InputError(Problem(where, f"holds {kind}", accepted="strings"))
    chunks = given.chunks if isinstance(given, pa.ChunkedArray) else [given]
    large = pa.large_string()
    return pa.chunked_array([chunk.cast(large) for chunk in chunks], large)


def _check(num_perm: int, scheme: str) -> None:
    problems = []
    if num_perm < 1:
        problems.append(Problem("num_perm", f"{num_perm} is out of range", accepted="1 or more"))
    if scheme not in get_args(Scheme):
        accepted = get_args(Scheme)
        problems.append(
            Problem(
                "scheme", f"no scheme {scheme!r}", " or ".join(accepted), nearest(scheme, accepted)
            )
        )
    if problems:
        raise RequestError(problems)
