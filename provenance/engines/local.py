"""The local engine: slices over a pool of processes, in this machine's memory and patience.

A worker that dies (killed, out of memory) costs its slice one attempt; the others go on. What is
finished stays finished, so running the same request again does only what is missing.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
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

        Alone in its pool, the slice that kills workers is known by name. The slices that the
        broken pool had not begun then go to a new one.
        """
        left = dict.fromkeys(todo)
        while left:
            lost: list[int] = []
            for index, outcome in self._one_pool(store, list(left)):
                del left[index]
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
        """Outcomes of one pool's life; when a worker dies, of the slices given out until then."""
        context = multiprocessing.get_context("spawn")
        workers = min(self.workers, len(todo))
        queue = iter(todo)
        waiting: dict[Future[Manifest], int] = {}
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker)
        try:
            while self._give_out(pool, store, queue, waiting):
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield waiting.pop(future), future.exception() or future.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _give_out(
        self,
        pool: ProcessPoolExecutor,
        store: Store,
        queue: Iterator[int],
        waiting: dict[Future[Manifest], int],
    ) -> bool:
        """Submit slices until each worker has one and one more; whether any is waited for."""
        with suppress(BrokenProcessPool), _interrupts_held():
            while len(waiting) < 2 * self.workers and (index := next(queue, None)) is not None:
                future = pool.submit(run_slice, store.plan_path, index, batch_size=self.batch_size)
                waiting[future] = index
        return bool(waiting)

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


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits until the block ends, and in processes begun by it until `_begin_worker`."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin_worker() -> None:
    """Let Ctrl-C end this worker without a word, and end it when the process it works for dies.

    A worker left behind by a killed run would write the same files as the run that goes on.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


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
