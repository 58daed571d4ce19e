"""The kept rows with their text: as the input has them, or in curriculum order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
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

#: Batches read while earlier ones are dealt out.
_AHEAD = 8


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
    schema = data_schema([view.column for view in views], store.detector_names)
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

    def decided_batches() -> Iterator[pa.RecordBatch]:
        for part in _kept_parts(session):
            decided = session.table(
                statement("kept_placed"),
                part=part,
                as_rows=repeats_as_rows(policy),
                columns=decided_columns(placed),
            )
            yield from decided_rows(Path(parts[part]), decided, placed)

    (n_rows,) = session.row("SELECT count(*) FROM placed")
    return write_ordered(
        _read_ahead(decided_batches()),
        folder,
        schema=schema,
        n_rows=n_rows,
        rows_per_shard=rows_per_shard,
        scratch=session.scratch_file("ranges"),
        finished=finished,
    )


def _read_ahead(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same batches, `_AHEAD` of them read before they are asked for."""
    with ThreadPoolExecutor(1) as pool:
        reading = deque(pool.submit(next, batches, None) for _ in range(_AHEAD))
        while (batch := reading.popleft().result()) is not None:
            reading.append(pool.submit(next, batches, None))
            yield batch


def _kept_parts(session: Session) -> list[int]:
    return [int(part) for (part,) in session.rows(statement("kept_parts"))]


def _view_file(view: ViewReport) -> str:
    return f"views/{view.name}.parquet"


def _copy_view(view: ViewReport, data: Sequence[Path], out: Path, *, schema: pa.Schema) -> None:
    path = out / _view_file(view)
    path.parent.mkdir(exist_ok=True)
    write_view(data, view.column, path, schema=schema)
