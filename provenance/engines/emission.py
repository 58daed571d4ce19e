"""The kept rows with their text: as the input has them, or in curriculum order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from provenance.emit.dataset import (
    data_schema,
    decided_columns,
    decided_rows,
    write_part,
    write_view,
)
from provenance.emit.ordered import placed_schema, shard_rows, write_ordered
from provenance.engines.statements import statement
from provenance.engines.store import Store
from provenance.policy.emission import CurriculumReport, place, repeats_as_rows
from provenance.policy.model import Policy
from provenance.policy.views import ViewReport
from provenance.session import Session

#: Parts copied at once; Arrow compresses outside the interpreter lock.
_WRITERS = 2


@dataclass(frozen=True, slots=True)
class Written:
    """Names of the files, relative to the dataset, and how the curriculum came out."""

    files: list[str]
    curriculum: CurriculumReport | None


def write_dataset(
    session: Session,
    store: Store,
    policy: Policy,
    *,
    views: Sequence[ViewReport],
    out: Path,
    finished: Callable[[], None],
) -> Written:
    """Write OUT/data, and OUT/views for the views whose rows are copied.

    A dataset without rows still has one file, so that it loads.
    """
    schema = data_schema([view.column for view in views])
    data = out / "data"
    data.mkdir(exist_ok=True)
    report = place(session, policy) if policy.curriculum else None
    if policy.curriculum:
        rows = shard_rows(policy.curriculum.window)
        names = _write_curriculum(
            session, store, data, schema=schema, policy=policy, rows_per_shard=rows,
            finished=finished,
        )  # fmt: skip
    else:
        names = _write_parts(
            session, store, data, schema=schema, as_rows=repeats_as_rows(policy), finished=finished
        )
    files = [f"data/{name}" for name in names]
    copies = [view for view in views if view.copy_rows]
    for view in copies:
        _copy_view(view, [data / name for name in names], out, schema=schema)
    return Written([*files, *(_view_file(view) for view in copies)], report)


def _write_parts(
    session: Session, store: Store, folder: Path, *, schema: pa.Schema, as_rows: bool,
    finished: Callable[[], None],
) -> list[str]:  # fmt: skip
    """One file per scored part that has kept rows; names of the files."""
    parts = store.parts("documents")
    kept = _kept_parts(session) or [0]
    written = []
    with ThreadPoolExecutor(_WRITERS) as pool:
        for at in range(0, len(kept), _WRITERS):
            futures = {}
            for part in kept[at : at + _WRITERS]:
                decided = session.table(
                    statement("kept"), part=part, as_rows=as_rows, columns=decided_columns(schema)
                )
                name = f"part-{part:05d}.parquet"
                futures[name] = pool.submit(
                    write_part, Path(parts[part]), decided, folder / name, schema=schema
                )
            for name, future in futures.items():
                future.result()
                written.append(name)
                finished()
    return written


def _write_curriculum(
    session: Session, store: Store, folder: Path, *, schema: pa.Schema, policy: Policy,
    rows_per_shard: int, finished: Callable[[], None],
) -> list[str]:  # fmt: skip
    """Shards in the order of table `placed`; names of the files."""
    parts = store.parts("documents")
    placed = placed_schema(schema)

    def decided_parts() -> Iterator[tuple[Path, pa.Table]]:
        for part in _kept_parts(session):
            decided = session.table(
                statement("kept_placed"),
                part=part,
                as_rows=repeats_as_rows(policy),
                columns=decided_columns(placed),
            )
            yield Path(parts[part]), decided

    (n_rows,) = session.row("SELECT count(*) FROM placed")
    return write_ordered(
        _read_ahead(decided_parts(), placed),
        folder,
        schema=schema,
        n_rows=n_rows,
        rows_per_shard=rows_per_shard,
        scratch=session.scratch_file("ranges"),
        finished=finished,
    )


def _read_ahead(
    decided_parts: Iterator[tuple[Path, pa.Table]], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """The decided rows of every part, in order, with the next part being read meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        reading: deque[Future[list[pa.RecordBatch]]] = deque()
        for path, decided in decided_parts:
            reading.append(pool.submit(_part_rows, path, decided, schema=schema))
            if len(reading) > 1:
                yield from reading.popleft().result()
        while reading:
            yield from reading.popleft().result()


def _part_rows(path: Path, decided: pa.Table, *, schema: pa.Schema) -> list[pa.RecordBatch]:
    # In one piece: every batch is dealt out to all ranges, at a cost per range.
    rows = pa.Table.from_batches(decided_rows(path, decided, schema), schema)
    return rows.combine_chunks().to_batches()


def _kept_parts(session: Session) -> list[int]:
    return [int(part) for (part,) in session.rows(statement("kept_parts"))]


def _view_file(view: ViewReport) -> str:
    return f"views/{view.name}.parquet"


def _copy_view(view: ViewReport, data: Sequence[Path], out: Path, *, schema: pa.Schema) -> None:
    path = out / _view_file(view)
    path.parent.mkdir(exist_ok=True)
    write_view(data, view.column, path, schema=schema)
