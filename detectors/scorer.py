"""Texts to statistics of their tokens, batch by batch.

A GPU is not waited for while there is other work: the next texts are encoded, and the next batch is
queued, before the last batch is read.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar

import torch
from torch import Tensor

from detectors.ahead import Stock, one_behind
from detectors.protocol import PairStatistics, TokenStatistics
from detectors.reading import Batch, Columns, Ids, Reading

#: Kinds of device that compute while texts are encoded; a CPU gets all texts encoded at once.
_ENCODED_AHEAD: Final = {"cuda"}
_CHARACTERS_PER_TOKEN: Final = 4  # of English prose: a part of the texts is about a batch of tokens
#: Parts that wait: sorted by length together, their batches have less padding.
_MOST_AHEAD: Final = 8

Row = TypeVar("Row", TokenStatistics, PairStatistics)


class Reader(Protocol):
    """What tokenises texts and plans their batches. first: the first token that is predicted."""

    reading: Reading

    @property
    def device(self) -> torch.device: ...

    @property
    def first(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> list[Ids]: ...

    def plan(self, ids: Sequence[Ids]) -> Iterator[Batch]: ...


class Scorer(ABC, Generic[Row]):
    """One model, or a pair. row: of a text's columns, and how many different tokens it has."""

    row: ClassVar[Callable[..., Any]]
    dtypes: ClassVar[Sequence[Any]]

    @property
    @abstractmethod
    def reader(self) -> Reader:
        """The model that tokenises."""

    @abstractmethod
    def values(self, ids: Sequence[Ids], batch: Batch) -> Sequence[Tensor]:
        """Of every token that `batch` predicts, end to end, in the order of `dtypes`."""

    def statistics(self, texts: Sequence[str]) -> list[Row]:
        """Statistics of every token that can be predicted, text by text."""
        return self._made(self.reader.encode(part) for part in self._parts(texts))

    def statistics_of_ids(self, ids: Sequence[Ids]) -> list[Row]:
        """Statistics of each sequence of token ids; a sequence without context has none."""
        return self._made(iter([ids]))

    @torch.inference_mode()
    def _made(self, encoded: Iterator[Sequence[Ids]]) -> list[Row]:
        groups: list[Columns] = []
        for columns, batch, values in one_behind(self._queued(encoded, groups)):
            columns.put(batch.jobs, [one.cpu().numpy() for one in values])
        return [self.row(*row) for columns in groups for row in columns.rows()]

    def _queued(
        self, encoded: Iterator[Sequence[Ids]], groups: list[Columns]
    ) -> Iterator[tuple[Columns, Batch, Sequence[Tensor]]]:
        """Batches whose computation has begun; the columns that they fill are added to `groups`."""
        stock = Stock(encoded, most=_MOST_AHEAD)
        while parts := stock.take():
            ids = [one for part in parts for one in part]
            groups.append(Columns(ids, self.reader.first, self.dtypes))
            for batch in self.reader.plan(ids):
                values = self.values(ids, batch)
                stock.fill(2)  # twice what a batch uses up, so that there are soon `_MOST_AHEAD`
                yield groups[-1], batch, values

    def _parts(self, texts: Sequence[str]) -> Iterator[Sequence[str]]:
        device = self.reader.device.type
        if device not in _ENCODED_AHEAD:
            yield texts
            return
        room = self.reader.reading.budget(device) * _CHARACTERS_PER_TOKEN
        start, n_characters = 0, 0
        for i, text in enumerate(texts):
            n_characters += len(text)
            if n_characters >= room:
                yield texts[start : i + 1]
                start, n_characters = i + 1, 0
        yield texts[start:]
