"""How a language model reads texts: windows in batches, and the values of their tokens put back.

Token ids stay in numpy until a batch is whole, so that a device gets one array of each kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from detectors.windows import Window, batches, windows

Ids: TypeAlias = NDArray[np.int64]
Jobs: TypeAlias = Sequence[tuple[int, Window]]  # (text, window): what a batch predicts

#: Tokens of a batch, by kind of device. On a GPU as many as it takes to compute for longer than its
#: kernels take to launch: an estimate for 135 million parameters, not yet measured.
_BATCH_TOKENS: Final = {"cpu": 1024, "cuda": 16_384}


@dataclass(frozen=True, slots=True)
class Reading:
    """How a model reads a text.

    width: tokens of a window, overlap: those it shares with the one before. batch_tokens: budget
    of a batch, padding included; None = 1,024 on a CPU and 16,384 on a GPU. bos: None = as the
    tokenizer does.
    """

    width: int = 512
    overlap: int = 128
    batch_tokens: int | None = None
    bos: bool | None = None

    def budget(self, device: str) -> int:
        """Tokens of a batch on that kind of device."""
        return self.batch_tokens or _BATCH_TOKENS.get(device, _BATCH_TOKENS["cpu"])


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows that are read at once. shape: rows and tokens of each, padding included."""

    jobs: Jobs
    shape: tuple[int, int]

    def rows(self, ids: Sequence[Ids], bos: Sequence[int]) -> Ids:
        """What is read, int64 `shape`: `bos`, the window but for its last token, zeros.

        A window's last token predicts none of its tokens. Padding stands on the right, where a
        causal model cannot see it: no mask is needed.
        """
        made = np.zeros(self.shape, np.int64)
        made[: len(self.jobs), : len(bos)] = bos
        for row, (i, window) in zip(made, self.jobs, strict=False):
            row[len(bos) : len(bos) + window.stop - window.start - 1] = ids[i][
                window.start : window.stop - 1
            ]
        return made

    def places(self, bos: Sequence[int]) -> Ids:
        """Where in the flattened rows stands what predicts each token, window by window: [N]."""
        # The token before it; and before the first of a window, its BOS token.
        first = np.array(
            [
                k * self.shape[1] + window.first - window.start + len(bos) - 1
                for k, (_, window) in enumerate(self.jobs)
            ]
        )
        counts = np.array([window.stop - window.first for _, window in self.jobs])
        before = np.cumsum(counts) - counts
        return np.arange(counts.sum()) + np.repeat(first - before, counts)

    def targets(self, ids: Sequence[Ids]) -> Ids:
        """The tokens predicted, window by window: [N]."""
        return np.concatenate([ids[i][window.first : window.stop] for i, window in self.jobs])


class Columns:
    """Per text one array of each kind, filled batch by batch."""

    def __init__(self, ids: Sequence[Ids], first: int, dtypes: Sequence[Any]) -> None:
        self._ids, self._first = ids, first
        self._values = [
            [np.zeros(max(0, len(one) - first), dtype) for dtype in dtypes] for one in ids
        ]
        self._n_distinct = [len(one) for one in ids]  # right for those that are never put

    def put(self, jobs: Jobs, parts: Sequence[NDArray[Any]]) -> None:
        """parts: values of all tokens that `jobs` predict, end to end."""
        done = 0
        for i, window in jobs:
            n = window.stop - window.first
            place = slice(window.first - self._first, window.stop - self._first)
            for column, values in zip(self._values[i], parts, strict=True):
                column[place] = values[done : done + n]
            done += n
            if window.stop == len(self._ids[i]):
                self._n_distinct[i] = len(np.unique(self._ids[i]))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Per text its arrays, and how many different tokens it has."""
        for values, n_distinct in zip(self._values, self._n_distinct, strict=True):
            yield *values, n_distinct


def batches_of(
    ids: Sequence[Ids], reading: Reading, *, width: int, overlap: int, n_bos: int, device: str
) -> Iterator[Batch]:
    """Batches of windows, longest first, for a kind of device; width and overlap as in `windows`.

    n_bos: tokens before each window.
    """
    jobs = [
        (i, window)
        for i, one in enumerate(ids)
        for window in windows(len(one), width=width, overlap=overlap, first=1 - n_bos)
    ]
    lengths = [window.stop - window.start + n_bos for _, window in jobs]
    for batch in batches(lengths, budget=reading.budget(device)):
        yield Batch([jobs[k] for k in batch], (len(batch), lengths[batch[0]] - 1))
