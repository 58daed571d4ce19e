"""Independent trials of a text: one value per scored token, and what they amount to.

A long text may hold a watermarked passage. Its windows (half, quarter, eighth, ... of the text,
each overlapping the next by half) are tested too, and the smallest p value is multiplied by their
number: a maximum over windows has no plain p value. The whole text and its best window share the
error evenly, so either costs at most a factor of two.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Float64: TypeAlias = NDArray[np.float64]
Int64: TypeAlias = NDArray[np.int64]
#: Sums [m] of so many trials [m] each to ln P(a sum at least as large) under the null hypothesis.
LogTail: TypeAlias = Callable[[Float64, Float64], Float64]

_LN_2: Final = math.log(2.0)


@dataclass(frozen=True, slots=True)
class Trials:
    """Values (float64 [n]) of the scored tokens, and which tokens they are (int64 [n], ascending).

    Independent under the null hypothesis: a draw that the text repeats is here once.
    """

    values: Float64
    tokens: Int64


@dataclass(frozen=True, slots=True)
class Passage:
    """The most telling window: tokens begin to end - 1, and ln p after counting every window."""

    begin: int
    end: int
    log_p: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a key says of a text.

    n_tokens: scored tokens. log_p: ln of the p value of the whole text, one plain test. passage:
    the best window, None where the text is too short for windows. reason: why there is no p value.
    """

    n_tokens: int
    log_p: float | None
    passage: Passage | None = None
    reason: str | None = None

    @property
    def log_p_any(self) -> float | None:
        """ln p of "this text, or a passage of it, was written with the key"; None: abstained."""
        if self.log_p is None or self.passage is None:
            return self.log_p
        return min(0.0, min(self.log_p, self.passage.log_p) + _LN_2)


def window_bounds(n_trials: int, *, shortest: int) -> tuple[Int64, Int64]:
    """Begins and ends of every window of `n_trials` trials that is looked at, longest first.

    Sizes are n/2, n/4, ... down to `shortest`; steps are half a size, the last window ends with the
    text. About 4 n / shortest windows in all.
    """
    begins, sizes = [], []
    size = n_trials // 2
    while size >= shortest:
        starts = np.unique(np.append(np.arange(0, n_trials - size, size // 2), n_trials - size))
        begins.append(starts)
        sizes.append(np.full(len(starts), size))
        size //= 2
    if not begins:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    begin = np.concatenate(begins)
    return begin, begin + np.concatenate(sizes)


def best_passage(trials: Trials, log_tail: LogTail, *, shortest: int) -> Passage | None:
    """The window with the smallest p value, corrected for all of them (Bonferroni)."""
    begin, end = window_bounds(len(trials.values), shortest=shortest)
    if not len(begin):
        return None
    sums = np.concatenate([[0.0], np.cumsum(trials.values)])
    log_p = log_tail(sums[end] - sums[begin], (end - begin).astype(np.float64))
    best = int(np.argmin(log_p))
    return Passage(
        begin=int(trials.tokens[begin[best]]),
        end=int(trials.tokens[end[best] - 1]) + 1,
        log_p=min(0.0, float(log_p[best]) + math.log(len(begin))),
    )


def read(trials: Trials, log_tail: LogTail, *, shortest: int) -> Reading:
    """The reading of a text that has at least `shortest` trials."""
    n = len(trials.values)
    total = np.array([trials.values.sum()])
    log_p = float(log_tail(total, np.array([float(n)]))[0])
    return Reading(n, log_p, best_passage(trials, log_tail, shortest=shortest))
