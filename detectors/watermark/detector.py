"""What all watermark detectors share: texts in, readings or scores out."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from detectors.protocol import DEGENERATE, TOO_SHORT, DetectorSpec, Score
from detectors.watermark.trials import Float64, Int64, Reading, Trials, read

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

    def __init__(self, tokenize: Tokenize) -> None:
        self._tokenize = tokenize

    @abstractmethod
    def trials(self, ids: Sequence[Int64]) -> list[Trials]:
        """The trials of each sequence of token ids; ids outside the vocabulary are not scored."""

    @abstractmethod
    def log_tail(self, totals: Float64, counts: Float64) -> Float64:
        """ln P(sum of counts[k] trials >= totals[k]) for text written without the key."""

    def readings_of_ids(self, ids: Sequence[Int64]) -> list[Reading]:
        """One reading per sequence of token ids, in order."""
        return [self._read(trials) for trials in self.trials(ids)]

    def readings(self, texts: Sequence[str]) -> list[Reading]:
        """One reading per text, in order."""
        return self.readings_of_ids(self._tokenize([scored_form(text) for text in texts]))

    def score(self, texts: Sequence[str]) -> list[Score]:
        """One score per text, in order."""
        return [_score(reading) for reading in self.readings(texts)]

    def mean_value(self, ids: Sequence[Int64]) -> float | None:
        """Mean value of a text's trials, averaged over the texts with enough; None without any.

        On human text this is the `human_share` of a green list.
        """
        long = [t for t in self.trials(ids) if len(t.values) >= self.spec.min_tokens]
        return float(np.mean([t.values.mean() for t in long])) if long else None

    def _read(self, trials: Trials) -> Reading:
        n = len(trials.values)
        if n < self.spec.min_tokens:
            return Reading(n, None, reason=TOO_SHORT if n else DEGENERATE)
        return read(trials, self.log_tail, shortest=self.spec.min_tokens)


def expected_green(n_green: int, vocab_size: int, human_share: float | None) -> float:
    """The green share to expect of human text: the list's own, or a larger one that was measured.

    Raises ValueError for a list of no or all tokens, and for a share that is none.
    """
    if not 0 < n_green < vocab_size:
        raise ValueError(f"gamma makes {n_green} of {vocab_size} tokens green")
    if human_share is not None and not 0.0 < human_share < 1.0:
        raise ValueError(f"human_share {human_share} is no share between 0 and 1")
    return max(n_green / vocab_size, human_share or 0.0)


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
