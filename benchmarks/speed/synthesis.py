"""Documents made for a benchmark: random words, a share of them near copies of earlier ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

COPIES = 0.2
VOCABULARY = np.array([f"word{number:x}" for number in range(50_000)])


def documents(n: int, *, seed: int = 0) -> Iterator[pa.LargeStringArray]:
    """`n` texts of 100 to 450 words, in batches of 5,000; the same for the same seed.

    One in five is a copy of any earlier text with a share of 0.95 to 1 of its words kept (Jaccard
    0.6 to 1). Frequent words are about as frequent as in prose: the density of the word of rank r
    goes as r ** (-2/3).
    """
    rng = np.random.default_rng(seed)
    words: list[np.ndarray] = []
    while len(words) < n:
        words += [_words(rng, words) for _ in range(min(5_000, n - len(words)))]
        texts = [" ".join(VOCABULARY[one]) for one in words[-5_000:]]
        yield pa.array(texts, pa.large_string())


def _words(rng: np.random.Generator, earlier: list[np.ndarray]) -> np.ndarray:
    if earlier and rng.random() < COPIES:
        source = earlier[rng.integers(len(earlier))]
        return source[rng.random(len(source)) < rng.uniform(0.95, 1)]
    size = rng.integers(100, 451)
    return (rng.random(size) ** 3 * len(VOCABULARY)).astype(np.uint16)


def ids(numbers: np.ndarray) -> pa.FixedSizeBinaryArray:
    """A binary(16) for each number, in no order, no two alike."""
    halves = np.empty((len(numbers), 2), dtype=np.uint64)
    halves[:, 0] = (numbers.astype(np.uint64) + 1) * np.uint64(0x9E3779B97F4A7C15)
    halves[:, 1] = numbers
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(numbers), [None, pa.py_buffer(halves)]
    )
