"""What PyTorch's CUDA generator draws for `randint`: Philox 4x32-10, one counter per element.

Confirmed for launches that have a thread per element (65,536 elements on any device that keeps 256
blocks resident): 300 texts that a CUDA device watermarked read at once, and not at all with the
CPU's table. Smaller devices unroll, which gives other numbers; those, and `randperm` on CUDA, are
not offered, because nothing at hand could confirm them.

Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

UInt64: TypeAlias = NDArray[np.uint64]

_ROUNDS: Final = 10
_MULTIPLIERS: Final = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL: Final = (0x9E3779B9, 0xBB67AE85)
_LOW: Final = np.uint64(0xFFFFFFFF)
_32: Final = np.uint64(32)


def philox(counter: tuple[UInt64, UInt64, UInt64, UInt64], key: tuple[int, int]) -> UInt64:
    """Four words per counter: uint64 [n, 4], each below 2^32. counter: four words of shape [n]."""
    a, b, c, d = counter
    for step in range(_ROUNDS):
        k0, k1 = (np.uint64((key[i] + step * _WEYL[i]) & 0xFFFFFFFF) for i in (0, 1))
        first, second = a * _MULTIPLIERS[0], c * _MULTIPLIERS[1]
        a, b, c, d = (second >> _32) ^ b ^ k0, second & _LOW, (first >> _32) ^ d ^ k1, first & _LOW
    return np.stack([a, b, c, d], axis=1)


def randint_table(seed: int, size: int, *, high: int) -> NDArray[np.int64]:
    """torch.randint(0, high, (size,)) of a CUDA generator seeded with `seed`: int64 [size].

    An element's counter is (0, 0, element, 0): offset 0, subsequence = thread = element. It takes
    the first word.
    """
    element = np.arange(size, dtype=np.uint64)
    zero = np.zeros_like(element)
    words = philox((zero, zero, element, zero), (seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF))
    return (words[:, 0] % np.uint64(high)).astype(np.int64)
