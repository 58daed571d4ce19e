"""Unigram: one green list for every context.

Zhao et al., Provable Robust Watermarking for AI-Generated Text (ICLR 2024). The list is a numpy
shuffle seeded with a hash of the key: the same on every device.

One list for all texts has a price: which common words it holds is the same luck for every text of a
language. Over many keys the p value is exact; under one key a corpus of human text may have a few
per cent more green tokens than the list, and p values to match. `empirical_null` takes that luck
out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detectors.protocol import DetectorSpec
from detectors.watermark.detector import (
    MIN_TOKENS,
    Tokenize,
    Watermark,
    first_of_each,
    green_share,
    windows,
)
from detectors.watermark.tails import log_binomial_tail
from detectors.watermark.trials import Float64, Int64, Trials


class Unigram(Watermark):
    """Green tokens among the distinct tokens of a text. Parameters are the generator's."""

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="unigram",
        version="1",
        unit="-log10 p",
        min_tokens=MIN_TOKENS,
        cost_seconds=5e-4,
        reference="https://arxiv.org/abs/2306.17439",
    )
    step: ClassVar[float] = 1.0

    def __init__(
        self,
        tokenize: Tokenize,
        *,
        vocab_size: int,
        key: int = 0,
        gamma: float = 0.5,
    ) -> None:
        super().__init__(tokenize)
        self._share = green_share(int(gamma * vocab_size), vocab_size)
        self._green = green_list(vocab_size, key=key, gamma=gamma)

    def trials(self, ids: Sequence[Int64]) -> list[Trials]:
        """1 for a green token, 0 for a red one; a token that is repeated counts once."""
        return [self._trials(one) for one in ids]

    def log_tail(self, totals: Float64, counts: Float64) -> Float64:
        """Binomial, with the share of the vocabulary that is green."""
        tail: Float64 = log_binomial_tail(totals, counts, self._share)
        return tail

    def _trials(self, ids: Int64) -> Trials:
        runs, places = windows(ids, 1, len(self._green))
        first = first_of_each(runs[:, 0])
        return Trials(self._green[runs[first, 0]].astype(float), places[first])


def green_list(vocab_size: int, *, key: int, gamma: float) -> NDArray[np.bool_]:
    """Which tokens are green: bool [vocab_size]."""
    seed = hashlib.sha256(np.int64(key).tobytes()).digest()[:4]
    green = np.arange(vocab_size) < int(gamma * vocab_size)
    np.random.default_rng(int.from_bytes(seed, "little")).shuffle(green)
    return green
