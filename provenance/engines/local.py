"""The local engine: slices over a pool of processes, in this machine's memory and patience.

A worker that dies (killed, out of memory) costs its slice one attempt; the others go on. What is
finished stays finished, so running the same request again does only what is missing.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from provenance.engines.store import Store
from provenance.engines.task import run_slice
from provenance.errors import ProvenanceError, RunError
from provenance.sources.slices import Slice

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Runs slices with `workers` processes; one worker means this process itself."""

    workers: int
    batch_size: int

    def map(
        self, store: Store, slices: tuple[Slice, ...], *, finished: Callable[[], None]
    ) -> list[Manifest]:
        """The manifests of all slices, in plan order; `finished` is called for each as it is done.

        Raises RunError naming the slice that failed after all attempts.
        """
        todo = [index for index in range(len(slices)) if store.manifest(index) is None]
        manifests = {i: m for i in range(len(slices)) if (m := store.manifest(i)) is not None}
        for _ in manifests:
            finished()
        for index, manifest in self._run(store, slices, todo):
            manifests[index] = manifest
            finished()
        ordered = [manifests[index] for index in range(len(slices))]
        return self._close_gaps(store, slices, ordered)

    def _run(
        self, store: Store, slices: tuple[Slice, ...], todo: list[int]
    ) -> Iterator[tuple[int, Manifest]]:
        if self.workers == 1 or len(todo) < 2:
            for index in todo:
                yield index, self._run_here(store, slices[index], index)
        else:
            yield from self._run_pool(store, slices, todo)

    def _run_here(self, store: Store, one: Slice, index: int, start: int | None = None) -> Manifest:
        try:
            return run_slice(store.plan_path, index, batch_size=self.batch_size, start=start)
        except ProvenanceError:
            raise
        except Exception as error:
            raise RunError(f"{type(error).__name__}: {error}", shard=one.uri) from error

    def _run_pool(
        self, store: Store, slices: tuple[Slice, ...], todo: list[int]
    ) -> Iterator[tuple[int, Manifest]]:
        """All slices in one pool; those that a dying worker took along, each in a pool of its own.

        Alone in its pool, the slice that kills workers is known by name.
        """
        lost: list[int] = []
        for index, outcome in self._one_pool(store, todo):
            if isinstance(outcome, BrokenProcessPool):
                lost.append(index)
            else:
                yield index, _manifest(outcome, slices[index].uri, attempt=1)
        for index in sorted(lost):
            for _, outcome in self._one_pool(store, [index]):
                yield index, _manifest(outcome, slices[index].uri, attempt=2)

    def _one_pool(
        self, store: Store, todo: list[int]
    ) -> Iterator[tuple[int, Manifest | BaseException]]:
        """Outcomes of one pool's life; the pool ends early when a worker dies."""
        context = multiprocessing.get_context("spawn")
        workers = min(self.workers, len(todo))
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            futures: dict[Future[Manifest], int] = {
                pool.submit(run_slice, store.plan_path, index, batch_size=self.batch_size): index
                for index in todo
            }
            waiting = set(futures)
            try:
                while waiting:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    for future in done:
                        error = future.exception()
                        yield futures[future], error if error is not None else future.result()
            finally:
                for future in waiting:
                    future.cancel()

    def _close_gaps(
        self, store: Store, slices: tuple[Slice, ...], manifests: list[Manifest]
    ) -> list[Manifest]:
        """Redo slices whose planned start is not where the slice before them ended.

        A planned boundary is a verified record head, but a record can hold an archive whose own
        heads look just as good; only reading the record shows where it ends.
        """
        for index in range(1, len(slices)):
            before, here = slices[index - 1], slices[index]
            end = manifests[index - 1]["end"]
            if before.uri == here.uri and manifests[index]["start"] != end:
                manifests[index] = self._run_here(store, here, index, start=end)
        return manifests


def _manifest(outcome: Manifest | BaseException, shard: str, *, attempt: int) -> Manifest:
    """The manifest, or the error that says which slice failed and how."""
    if isinstance(outcome, ProvenanceError):
        raise outcome
    if not isinstance(outcome, BaseException):
        return outcome
    what = (
        "the worker process died (killed, or out of memory)"
        if isinstance(outcome, BrokenProcessPool)
        else f"{type(outcome).__name__}: {outcome}"
    )
    raise RunError(what, shard=shard, attempt=attempt) from outcome
