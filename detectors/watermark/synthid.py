"""SynthID-Text: g values from a sampling table, one per layer of the tournament.

Dathathri et al., Scalable watermarking for identifying large language model outputs (Nature 2024).
An n-gram is hashed by a linear congruential generator; each key moves the hash to another place of
a table of random bits. Everything happens modulo the table's size, so an n-gram has one of `size`
scores, all known beforehand: their mean and variance give the z value, the table's own imbalance
included. A context that is repeated was not watermarked, and equal hashes are one draw: both are
counted once. A key moves all hashes of a text by one distance, so that its n-grams are not
independent draws over keys; yet over all keys, a layer's sum has 0.995 of their variance (400 human
texts, both tables; standard deviation 0.007).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Literal

import numpy as np
from numpy.typing import NDArray

from detectors.protocol import DetectorSpec
from detectors.watermark import mersenne, philox
from detectors.watermark.detector import MIN_TOKENS, Tokenize, Watermark, first_of_each, windows
from detectors.watermark.tails import log_normal_tail
from detectors.watermark.trials import Float64, Int64, Trials

#: The device whose generator drew the sampling table.
Table = Literal["cpu", "cuda"]
Statistic = Literal["weighted_mean", "mean"]

_MULTIPLIER: Final = np.uint64(6364136223846793005)  # of newlib's and musl's generator
_ONE: Final = np.uint64(1)
_ANY_TOKEN: Final = 2**62


class SynthID(Watermark):
    """Mean g value over layers and n-grams under one list of keys. Parameters are the generator's.

    keys: one per layer. table: the device that generated the text. statistic: "weighted_mean"
    gives early layers, which say more, up to ten times the weight of late ones.
    """

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="synthid",
        version="1",
        unit="-log10 p",
        min_tokens=MIN_TOKENS,
        cost_seconds=1e-3,
        reference="https://doi.org/10.1038/s41586-024-08025-4",
    )

    def __init__(
        self,
        tokenize: Tokenize,
        *,
        keys: Sequence[int],
        table: Table = "cpu",
        ngram_len: int = 5,
        table_size: int = 65_536,
        table_seed: int = 0,
        statistic: Statistic = "weighted_mean",
    ) -> None:
        super().__init__(tokenize)
        if table_size < 2 or table_size & (table_size - 1):
            raise ValueError(f"table_size {table_size} is no power of two")
        bits = sampling_table(table, size=table_size, seed=table_seed)
        self._ngram_len = ngram_len
        self._scores = ngram_scores(bits, keys, layer_weights(len(keys), statistic))
        self._mean, self._deviation = float(self._scores.mean()), float(self._scores.std())

    def trials(self, ids: Sequence[Int64]) -> list[Trials]:
        """The score of each n-gram whose context and hash are new: 0 to the number of layers."""
        return [self._trials(one) for one in ids]

    def log_tail(self, totals: Float64, counts: Float64) -> Float64:
        """Normal, by mean and variance of an n-gram's score over the table."""
        z = (totals - counts * self._mean) / (self._deviation * np.sqrt(counts))
        tail: Float64 = log_normal_tail(z)
        return tail

    def _trials(self, ids: Int64) -> Trials:
        runs, last = windows(ids, self._ngram_len, _ANY_TOKEN)
        first = first_of_each(hashes(runs[:, :-1]))
        places = hashes(runs[first]) & np.uint64(len(self._scores) - 1)
        new = first_of_each(places)
        return Trials(self._scores[places[new].astype(np.int64)], last[first[new]])


def sampling_table(device: Table, *, size: int, seed: int) -> Int64:
    """Random bits as torch.randint(0, 2, (size,)) draws them there: int64 [size]."""
    if device == "cuda":
        return philox.randint_table(seed, size, high=2)
    return (mersenne.draws(seed & 0xFFFFFFFF, size) % 2).astype(np.int64)


def layer_weights(depth: int, statistic: Statistic) -> Float64:
    """Weights of the layers, summing to their number: float64 [depth]."""
    weights = np.linspace(10.0, 1.0, depth) if statistic == "weighted_mean" else np.ones(depth)
    return weights * (depth / weights.sum())


def hashes(runs: Int64) -> NDArray[np.uint64]:
    """Hash of each run of tokens (int64 [n, length]): uint64 [n], before any key."""
    state = np.ones(len(runs), np.uint64)
    for token in runs.T:
        state = _accumulate(state, token.astype(np.uint64))
    return state


def ngram_scores(bits: Int64, keys: Sequence[int], weights: Float64) -> Float64:
    """Weighted sum of an n-gram's g values, by its hash modulo the table's size: float64 [size]."""
    hashed = np.arange(len(bits), dtype=np.uint64)
    mask = np.uint64(len(bits) - 1)
    scores = np.zeros(len(bits))
    for key, weight in zip(keys, weights.tolist(), strict=True):
        place = _accumulate(hashed, np.uint64(key % 2**64)) & mask
        scores += weight * bits[place.astype(np.int64)]
    return scores


def _accumulate(
    state: NDArray[np.uint64], number: NDArray[np.uint64] | np.uint64
) -> NDArray[np.uint64]:
    return (state + number) * _MULTIPLIER + _ONE
