"""The pool: a worker that dies costs its slice one attempt, and is named when it dies again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from provenance.engines.local import LocalEngine
from provenance.engines.store import Store
from provenance.errors import RunError
from provenance.sources.inputs import list_inputs
from provenance.sources.slices import Slice, cut

Outcomes = dict[int, list[Any]]


class Pool(LocalEngine):
    """A LocalEngine whose pools answer from a script: per slice, one outcome per attempt."""

    __slots__ = ("pools", "script")

    def _one_pool(self, store: Store, todo: list[int]) -> Iterator[tuple[int, Any]]:
        self.pools.append(list(todo))
        for index in todo:
            yield index, self.script[index].pop(0)


def pool(script: Outcomes) -> Pool:
    made = Pool(workers=2, batch_size=1)
    object.__setattr__(made, "script", script)
    object.__setattr__(made, "pools", [])
    return made


@pytest.fixture
def slices(crawl: Path) -> tuple[Slice, ...]:
    return tuple(cut(list_inputs([str(crawl)]).files, slice_bytes=10**9)) * 2


def manifest(index: int) -> dict[str, Any]:
    return {"slice": index, "start": 0, "end": 0}


def test_slices_that_a_dying_worker_took_along_are_done_one_by_one(
    tmp_path: Path, slices: tuple[Slice, ...]
) -> None:
    engine = pool(
        {
            0: [manifest(0)],
            1: [BrokenProcessPool(), manifest(1)],
            2: [BrokenProcessPool(), manifest(2)],
            3: [manifest(3)],
        }
    )
    done: list[None] = []

    result = engine.map(Store(tmp_path), slices, finished=lambda: done.append(None))

    assert [m["slice"] for m in result] == [0, 1, 2, 3]
    assert (engine.pools, len(done)) == ([[0, 1, 2, 3], [1], [2]], 4)


def test_a_slice_that_kills_its_own_pool_is_named(
    tmp_path: Path, slices: tuple[Slice, ...]
) -> None:
    engine = pool(
        {0: [manifest(0)], 1: [BrokenProcessPool(), BrokenProcessPool()], 2: [manifest(2)],
         3: [manifest(3)]}
    )  # fmt: skip

    with pytest.raises(RunError) as caught:
        engine.map(Store(tmp_path), slices, finished=lambda: None)

    assert str(caught.value) == (
        f"{slices[1].uri} (attempt 2): the worker process died (killed, or out of memory)"
    )


def test_an_error_in_a_slice_is_not_tried_again(tmp_path: Path, slices: tuple[Slice, ...]) -> None:
    engine = pool({0: [PermissionError("no")], 1: [], 2: [], 3: []})

    with pytest.raises(RunError, match="PermissionError: no"):
        engine.map(Store(tmp_path), slices, finished=lambda: None)
