"""Clusters of like signatures, for any number of documents in stated memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from provenance.dedup.bands import band_keys
from provenance.dedup.buckets import BYTES_PER_RECORD, group
from provenance.dedup.components import are_apart, join, settle
from provenance.dedup.id_column import IdColumn, is_on_disk
from provenance.dedup.likeness import Agreement, Likeness, ShingleJaccard
from provenance.dedup.partitions import RECORDS_AT_ONCE, Partitions, partition_count
from provenance.dedup.signature_tables import Tables, TableStream, signature_matrix, stream
from provenance.errors import InputError, Problem, RequestError

#: What `clusters` may use where nothing is said.
MEMORY_LIMIT_BYTES = 1 << 30
#: Memory per document that partitions do not lessen: its parent and the least of its cluster; with
#: a threshold its rank, the row of each rank, and sorting the ids, too.
BYTES_PER_DOCUMENT, BYTES_PER_RANKED = 8, 28
#: Memory for an id that is not kept on disk, twice, while all are brought together.
_ID_BYTES = 32
#: Where nobody tells the number of documents beforehand, there are partitions for this many.
UNTOLD_DOCUMENTS = 20_000_000
#: A batch of signatures on its way into partitions, or the least partition worth its file.
_LEAST_BYTES = 64 << 20
_ROWS_OUT = 1 << 16
#: Ids sorted at once, to find the least of each cluster.
_ROWS_SORTED = 1 << 18
#: Numbers of documents have 31 bits.
MAX_DOCUMENTS = 2**31 - 1

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]


def clusters(
    signatures: Tables,
    *,
    scratch: Path | str,
    bands: int = 14,
    rows: int = 8,
    threshold: float | None = None,
    bucket_heads: int = 16,
    id_column: str = "doc_id",
    text_column: str | None = None,
    memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
) -> pa.RecordBatchReader:
    """The cluster of every document: columns `id_column` and cluster_id, in the order given.

    signatures: Parquet files, a table or a reader, with column `id_column`, of a type that Arrow
    can sort, without nulls, and column `signature`, binary values of one length, little-endian
    uint32 (as in `batch.SIGNATURES`).
    cluster_id: the least id of the cluster. A document like no other is a cluster of its own, and
    so is a text without words, whose signature is all 2**32 - 1.

    Two documents are joined when they agree in all `rows` values of one of the `bands`, and, where
    `threshold` is given, in at least that share of all values: the estimated Jaccard similarity.
    With a `text_column` it is the true one, of the shingles of that column's normal forms. Clusters
    are what is connected. With a threshold each document of a bucket is compared with the
    `bucket_heads` of least id alone, so that a bucket of n costs at most n * bucket_heads
    comparisons.

    Band keys go through files in `scratch`, 12 bytes for each document and band, which are removed
    in the end; ids of a fixed width do too, and with a threshold the signatures, or the hashes of
    all shingles. They are read back through the page cache, which is beside the limit. In memory,
    within `memory_limit_bytes`, are 8 bytes per document, 28 with a threshold, ids that are strings
    and one partition. The clusters depend on the rows alone: not on their order, on files, batches
    or memory.

    Raises RequestError when a parameter is out of range or the limit is too low, InputError when
    the signatures are not as said, and RunError when the disk is full.
    """
    _check_parameters(bands, rows, threshold, bucket_heads, text_column)
    names = [id_column, "signature", *([text_column] if text_column else [])]
    source = stream(signatures, names)
    n_partitions = _partition_count(
        source, bands, memory_limit_bytes, is_ranked=threshold is not None
    )
    Path(scratch).mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(prefix=".clusters-", dir=scratch) as folder,
        Partitions(Path(folder), n_partitions=n_partitions) as table,
    ):
        likeness = None
        if threshold is not None:
            likeness = (ShingleJaccard if text_column else Agreement)(Path(folder) / "likeness")
        with IdColumn(Path(folder) / "ids", source.schema.field(0).type) as column:
            _write_bands(source, table, column, bands=bands, rows=rows, likeness=likeness)
            ids = column.array()
        parents = np.arange(len(ids), dtype=np.int32)
        if threshold is None or likeness is None:
            _join_all(parents, table)
        else:
            _join_alike(parents, table, ids, likeness, threshold=threshold, heads=bucket_heads)
    settle(parents)
    return _labelled(ids, parents, _least(ids, parents), id_column)


def _write_bands(
    source: TableStream,
    table: Partitions,
    ids: IdColumn,
    *,
    bands: int,
    rows: int,
    likeness: Likeness | None,
) -> None:
    """Every key of row i goes into `table` with i, its id into `ids`, the last column into
    `likeness`."""
    n_rows, num_perm = 0, 0
    for batch in filter(len, source.batches):
        matrix = signature_matrix(batch.column(1))
        num_perm = num_perm or matrix.shape[1]
        _check_width(matrix, num_perm, least=bands * rows)
        numbers = np.arange(n_rows, n_rows + len(batch), dtype=np.uint32)
        table.write(band_keys(matrix, bands=bands, rows=rows), numbers)
        if likeness is not None:
            likeness.write(batch.column(batch.num_columns - 1))
        if batch.column(0).null_count:
            raise InputError(Problem(f"column {source.schema.names[0]!r}", "an id is null"))
        ids.append(batch.column(0))
        n_rows += len(batch)


def _join_all(parents: I32, table: Partitions) -> None:
    """Join the rows that share a key."""
    for keys, numbers in table.read():
        for pairs in group(keys, numbers).pairs(heads=1):
            join(parents, pairs)


def _join_alike(
    parents: I32,
    table: Partitions,
    ids: pa.Array,
    likeness: Likeness,
    *,
    threshold: float,
    heads: int,
) -> None:
    """Join the rows that share a key and are alike enough.

    The heads of a bucket are those of least id, so that the order of the rows changes nothing.
    """
    order = pc.sort_indices(ids).to_numpy().astype(np.uint32)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order), dtype=np.uint32)
    for keys, numbers in table.read():
        for ranks in group(keys, rank[numbers]).pairs(heads=heads):
            pairs = order[ranks].astype(np.int64)
            # What is connected already needs no comparison: it could change nothing.
            pairs = pairs[are_apart(parents, pairs)]
            join(parents, pairs[likeness.of(pairs) >= threshold])


def _least(ids: pa.Array, parents: I32) -> I32:
    """For each root in `parents`, which are settled, the row of the least id of its component."""
    least = np.arange(len(parents), dtype=np.int32)
    for first in range(0, len(parents), _ROWS_SORTED):
        some = parents[first : first + _ROWS_SORTED]
        rows = first + np.flatnonzero(some != np.arange(first, first + len(some)))
        rows = np.concatenate([rows, least[parents[rows]]])
        descending = rows[pc.sort_indices(ids.take(pa.array(rows))).to_numpy()][::-1]
        least[parents[descending]] = descending  # the last one written stays
    return least


def _labelled(ids: pa.Array, parents: I32, least: I32, id_column: str) -> pa.RecordBatchReader:
    """Each id beside the one that `least` has for its root."""
    schema = pa.schema([(id_column, ids.type), ("cluster_id", ids.type)])

    def batches() -> Iterator[pa.RecordBatch]:
        for at in range(0, len(ids), _ROWS_OUT):
            cluster_ids = ids.take(pa.array(least[parents[at : at + _ROWS_OUT]]))
            yield pa.record_batch([ids.slice(at, _ROWS_OUT), cluster_ids], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _partition_count(
    source: TableStream, bands: int, memory_limit_bytes: int, *, is_ranked: bool
) -> int:
    """Partitions so small that one fits beside the rest. Raises RequestError when none does."""
    n_documents = UNTOLD_DOCUMENTS if source.n_rows is None else source.n_rows
    each = BYTES_PER_RANKED if is_ranked else BYTES_PER_DOCUMENT
    each += 0 if is_on_disk(source.schema.field(0).type) else _ID_BYTES
    lasting = n_documents * each + _LEAST_BYTES
    room = memory_limit_bytes - lasting
    if n_documents > MAX_DOCUMENTS:
        raise RequestError(
            Problem(
                "signatures", f"{n_documents:,} documents", accepted=f"at most {MAX_DOCUMENTS:,}"
            )
        )
    if room < _LEAST_BYTES:
        raise RequestError(
            Problem(
                "memory_limit_bytes",
                f"{memory_limit_bytes:,} is too little for {n_documents:,} documents",
                accepted=f"{lasting + _LEAST_BYTES:,} or more",
            )
        )
    at_once = min(room // BYTES_PER_RECORD, RECORDS_AT_ONCE)
    return partition_count(n_documents * bands, records_at_once=at_once)


def _check_parameters(
    bands: int, rows: int, threshold: float | None, bucket_heads: int, text_column: str | None
) -> None:
    has_use = text_column is None or threshold is not None
    problems = [
        Problem(f"clusters {name}", f"{value} is out of range", accepted=accepted)
        for name, value, accepted, right in (
            ("bands", bands, "1 or more", bands >= 1),
            ("rows", rows, "1 or more", rows >= 1),
            ("threshold", threshold, "0 to 1", threshold is None or 0 <= threshold <= 1),
            ("bucket_heads", bucket_heads, "1 or more", bucket_heads >= 1),
            ("text_column", text_column, "none without a threshold", has_use),
        )
        if not right
    ]
    if problems:
        raise RequestError(problems)


def _check_width(matrix: U32, num_perm: int, *, least: int) -> None:
    width = matrix.shape[1]
    if width != num_perm:
        raise InputError(
            Problem("column 'signature'", f"{width} values, after signatures of {num_perm}")
        )
    if width < least:
        raise RequestError(
            Problem(
                "clusters bands",
                f"bands * rows is {least}",
                accepted=f"at most {width}, the values of a signature",
            )
        )
