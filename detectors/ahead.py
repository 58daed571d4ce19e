"""Work in flight: a device computes while the next batch is made ready and the last is read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Generic, TypeVar

import torch
from torch import Tensor

T = TypeVar("T")


def one_behind(made: Iterator[T]) -> Iterator[T]:
    """The same, in order, each once the next has been made.

    A batch on a GPU is made when its kernels are queued; to read its numbers is to wait for them.
    So while one batch is waited for, the next is queued already. One is held at a time.
    """
    last: list[T] = []
    for one in made:
        yield from last
        last = [one]
    yield from last


class Stock(Generic[T]):
    """Things made ahead of need, a few at a time, while something else computes."""

    def __init__(self, made: Iterator[T], *, most: int) -> None:
        """most: that are kept."""
        self._made, self._most = made, most
        self._ready: list[T] = []

    def fill(self, n: int) -> None:
        """Make `n` more, as far as there is room."""
        self._ready += islice(self._made, max(0, min(n, self._most - len(self._ready))))

    def take(self) -> list[T]:
        """All that are ready, in order; none when there are no more."""
        if not self._ready:
            self.fill(1)
        taken, self._ready = self._ready, []
        return taken


def sent(values: Tensor, device: torch.device) -> Tensor:
    """`values` on `device`; a GPU takes them from pinned memory, without waiting for its queue."""
    if device.type != "cuda":
        return values.to(device)
    return values.pin_memory().to(device, non_blocking=True)
