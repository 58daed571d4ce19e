"""Rows written in a given order, whatever the order they arrive in, in bounded memory.

Rows are dealt out to ranges of places, range by range to files on disk, until a range fits in
memory; there it is sorted. So every row's text is copied once per level, and one level carries
256 shards.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from provenance.emit.atomic import replacing
from provenance.emit.parquet import PartWriter

#: Column of the incoming rows: place in the order, int64, each from 0 to n - 1 once.
PLACE: Final = "place"

#: Rows of a shard, unless windows make it more; 16,384 pages of 5 kB are 80 MB.
SHARD_ROWS: Final = 16_384

_RANGES: Final = 256

#: Rows dealt out together: fewer cost more per range, more need more memory.
_DEALT_ROWS: Final = 16_384

#: Bytes gathered for the file of a range before they are written: 16 MB for all ranges.
_BUFFER_BYTES: Final = 1 << 16

#: Shards written at once; Arrow compresses outside the interpreter lock.
_WRITERS: Final = 2


def shard_rows(window: int) -> int:
    """Rows per shard: whole windows, so that shards may be read in any order."""
    return -(-SHARD_ROWS // window) * window


def placed_schema(schema: pa.Schema) -> pa.Schema:
    """`schema` with PLACE."""
    return schema.append(pa.field(PLACE, pa.int64(), nullable=False))


def write_ordered(
    batches: Iterable[pa.RecordBatch],
    folder: Path,
    *,
    schema: pa.Schema,
    n_rows: int,
    rows_per_shard: int,
    scratch: Path,
    finished: Callable[[], None],
) -> list[str]:
    """Write `batches` by place, as shards of `rows_per_shard` rows of `schema`; names of the files.

    batches: the columns of `schema` and PLACE, `n_rows` rows in all. Without rows, one empty file.
    """
    dealt = pa.RecordBatchReader.from_batches(placed_schema(schema), batches)
    shards = _shards(dealt, range(n_rows), rows_per_shard=rows_per_shard, scratch=scratch)
    names: list[str] = []
    with ThreadPoolExecutor(_WRITERS) as pool:
        writing: deque[Future[None]] = deque()
        for shard in shards:
            names.append(f"part-{len(names):05d}.parquet")
            writing.append(pool.submit(_write_shard, shard, folder / names[-1], schema=schema))
            if len(writing) == _WRITERS:
                writing.popleft().result()
                finished()
        for written in writing:
            written.result()
            finished()
    return names


def _write_shard(shard: pa.Table, path: Path, *, schema: pa.Schema) -> None:
    with replacing(path) as temporary, PartWriter(str(temporary), schema) as writer:
        for batch in shard.select(schema.names).to_batches():
            writer.write(batch)


def _shards(
    rows: pa.RecordBatchReader, places: range, *, rows_per_shard: int, scratch: Path
) -> Iterator[pa.Table]:
    """The rows of `places`, in order, a table per shard."""
    if len(places) <= rows_per_shard:
        yield _sorted(rows.read_all())
        return
    n_shards = -(-len(places) // rows_per_shard)
    rows_per_range = -(-n_shards // _RANGES) * rows_per_shard
    scratch.mkdir(parents=True)
    starts = range(places.start, places.stop, rows_per_range)
    _deal(rows, starts, scratch)
    for number, start in enumerate(starts):
        path = scratch / str(number)
        with pa.ipc.open_stream(pa.OSFile(str(path))) as dealt:
            inner = range(start, min(start + rows_per_range, places.stop))
            yield from _shards(
                dealt, inner, rows_per_shard=rows_per_shard, scratch=scratch / f"{number}.ranges"
            )
        path.unlink()


def _deal(batches: Iterable[pa.RecordBatch], starts: range, scratch: Path) -> None:
    """Append each row to the file of the range its place falls in."""
    with ExitStack() as open_files:
        writers: dict[int, pa.RecordBatchStreamWriter] = {}
        for batch in _gathered(batches, _DEALT_ROWS):
            for number, rows in _by_range(batch, starts):
                if number not in writers:
                    path = str(scratch / str(number))
                    file = pa.output_stream(path, compression=None, buffer_size=_BUFFER_BYTES)
                    stream = pa.ipc.new_stream(open_files.enter_context(file), batch.schema)
                    writers[number] = open_files.enter_context(stream)
                writers[number].write_batch(rows)


def _gathered(batches: Iterable[pa.RecordBatch], n_rows: int) -> Iterator[pa.RecordBatch]:
    """The rows of `batches` in order, in batches of at least `n_rows` rows, but for the last."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(one.num_rows for one in waiting) >= n_rows:
            yield pa.concat_batches(waiting)
            waiting = []
    if waiting:
        yield pa.concat_batches(waiting)


def _by_range(batch: pa.RecordBatch, starts: range) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The rows of `batch` in each range, in ascending order of range."""
    numbers = (batch.column(PLACE).to_numpy() - starts.start) // starts.step
    order = np.argsort(numbers, kind="stable")
    grouped = batch.take(pa.array(order))
    present, firsts, counts = np.unique(numbers[order], return_index=True, return_counts=True)
    for number, first, count in zip(present, firsts, counts, strict=True):
        yield int(number), grouped.slice(first, count)


def _sorted(table: pa.Table) -> pa.Table:
    whole = table.combine_chunks()
    return whole.take(pa.array(np.argsort(whole.column(PLACE).to_numpy())))
