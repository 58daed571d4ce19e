"""What all watermark detectors share: texts in, readings or scores out."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from detectors.protocol import DEGENERATE, TOO_SHORT, DetectorSpec, Score
from detectors.watermark.empirical_null import Adjust
from detectors.watermark.tails import normal_score
from detectors.watermark.trials import Float64, Int64, LogTail, Reading, Trials, read

#: Texts to token ids (int64 each), without special tokens, as the generator's tokenizer has them.
Tokenize: TypeAlias = Callable[[Sequence[str]], Sequence[Int64]]

#: Characters of a text that are read; tokens beyond would change no verdict.
LIMIT_CHARACTERS: Final = 200_000
#: Scored tokens below which nothing is said: even a strong watermark is missed as often as found.
MIN_TOKENS: Final = 30


class Watermark(ABC):
    """One scheme with one key. Subclasses say which trials a text is and how their sum is spread.

    The score is -log10 of the whole text's p value: 0 and up, higher is more machine-like. It is
    for texts that are one author's; `readings` also looks for a watermarked passage.
    """

    spec: ClassVar[DetectorSpec]
    #: The step of a sum of trials; 0 where sums are taken for continuous.
    step: ClassVar[float] = 0.0

    def __init__(self, tokenize: Tokenize) -> None:
        self._tokenize = tokenize

    @abstractmethod
    def trials(self, ids: Sequence[Int64]) -> list[Trials]:
        """The trials of each sequence of token ids; ids outside the vocabulary are not scored."""

    @abstractmethod
    def log_tail(self, totals: Float64, counts: Float64) -> Float64:
        """ln P(sum of counts[k] trials >= totals[k]) for text written without the key."""

    def readings_of_ids(
        self, ids: Sequence[Int64], *, nulls: Sequence[Adjust] | None = None
    ) -> list[Reading]:
        """One reading per sequence of token ids, in order.

        nulls: what turns the p values of each into those under this one key (`empirical_null`).
        """
        if nulls is None:
            return [self._read(trials, self.log_tail) for trials in self.trials(ids)]
        return [
            self._read(trials, self._tail(null))
            for trials, null in zip(self.trials(ids), nulls, strict=True)
        ]

    def readings(self, texts: Sequence[str]) -> list[Reading]:
        """One reading per text, in order."""
        return self.readings_of_ids(self._tokenize([scored_form(text) for text in texts]))

    def score(self, texts: Sequence[str]) -> list[Score]:
        """One score per text, in order."""
        return [_score(reading) for reading in self.readings(texts)]

    def normal_scores(self, ids: Sequence[Int64]) -> tuple[Float64, Float64]:
        """Normal scores (float64 [n]) and scored tokens (float64 [n]) of texts, for `fit_null`.

        A sum that has steps counts half of its own probability, so that scores of text without a
        watermark have mean 0 over keys. NaN where the tokens are too few.
        """
        trials = self.trials(ids)
        counts = np.array([len(one.values) for one in trials], np.float64)
        totals = np.array([one.values.sum() for one in trials], np.float64)
        enough = counts >= self.spec.min_tokens
        scores = np.full(len(trials), np.nan)
        tails = (self.log_tail(totals[enough] + more, counts[enough]) for more in (0.0, self.step))
        scores[enough] = normal_score(np.logaddexp(*tails) - math.log(2.0))
        return scores, counts

    def _tail(self, null: Adjust) -> LogTail:
        def adjusted(totals: Float64, counts: Float64) -> Float64:
            return null(self.log_tail(totals, counts), counts)

        return adjusted

    def _read(self, trials: Trials, log_tail: LogTail) -> Reading:
        n = len(trials.values)
        if n < self.spec.min_tokens:
            return Reading(n, None, reason=TOO_SHORT if n else DEGENERATE)
        return read(trials, log_tail, shortest=self.spec.min_tokens)


def green_share(n_green: int, vocab_size: int) -> float:
    """The share of tokens that are green. Raises ValueError for a list of no or all tokens."""
    if not 0 < n_green < vocab_size:
        raise ValueError(f"gamma makes {n_green} of {vocab_size} tokens green")
    return n_green / vocab_size


def scored_form(text: str) -> str:
    """The beginning that is read, with lone surrogates replaced: no tokenizer accepts them."""
    return text[:LIMIT_CHARACTERS].encode("utf-8", "replace").decode("utf-8")


def _score(reading: Reading) -> Score:
    value = None if reading.log_p is None else -reading.log_p / math.log(10.0)
    return Score(value, reading.n_tokens, reading.reason)


def windows(ids: Int64, width: int, vocab_size: int) -> tuple[Int64, Int64]:
    """Runs of `width` tokens of the vocabulary (int64 [n, width]), and where each one ends."""
    if len(ids) < width:
        return np.zeros((0, width), np.int64), np.zeros(0, np.int64)
    runs = np.lib.stride_tricks.sliding_window_view(ids.astype(np.int64, copy=False), width)
    known = ((runs >= 0) & (runs < vocab_size)).all(axis=1)
    return runs[known], np.flatnonzero(known) + width - 1


def first_of_each(keys: NDArray[np.uint64] | Int64) -> Int64:
    """Where each distinct key stands first: int64, ascending."""
    return np.sort(np.unique(keys, return_index=True)[1])
