"""A random order of documents that depends on their ids, their weights and a seed, on nothing else.

Weighted sampling without replacement: each document draws an exponential variate of rate
`weight`, and the smallest come first (Efraimidis & Spirakis 2006, in the exponential form). The
variates come from a hash of the id, and the logarithm uses only operations that IEEE 754 rounds
exactly, so that every platform, library version, batch size and input order gives the same order.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]

# ln 2 in two parts: the first ends in 21 zero bits, so that exponent * _LN2_HIGH is exact.
_LN2_HIGH: Final = 0.6931471803691238
_LN2_LOW: Final = 1.9082149292705877e-10
_SQRT_HALF: Final = 0.7071067811865476

# 2 atanh(s) = 2 s (1 + s^2/3 + s^4/5 + ...); |s| < 0.1716, so s^24/25 is below 2^-64.
_SERIES: Final = tuple(1.0 / power for power in range(25, 0, -2))


def id_words(doc_ids: bytes | memoryview) -> Words:
    """Packed 16-byte ids as little-endian words, shape [n, 2], without a copy where possible."""
    return np.frombuffer(doc_ids, dtype="<u8").reshape(-1, 2).astype(np.uint64, copy=False)


def mix64(words: Words) -> Words:
    """The SplitMix64 finaliser (Steele, Lea & Flood 2014): a bijection of 64-bit words."""
    words = words ^ (words >> np.uint64(30))
    words = words * np.uint64(0xBF58476D1CE4E5B9)
    words = words ^ (words >> np.uint64(27))
    words = words * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def uniforms(ids: Words, seed: int) -> Floats:
    """One number per id, shape [n], strictly between 0 and 1, a multiple of 2^-53."""
    golden = np.uint64(0x9E3779B97F4A7C15)
    state = mix64(np.full(len(ids), seed, dtype=np.uint64) + golden)
    for column in (ids[:, 0], ids[:, 1]):
        state = mix64((state ^ column) + golden)
    # 52 bits and a half: exact in float64, and never 0 or 1.
    centred: Floats = ((state >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return centred


def portable_log(values: npt.ArrayLike) -> Floats:
    """ln of positive finite numbers, within 2 units in the last place, the same everywhere.

    `numpy.log` differs in the last bit between processors, enough to swap two documents in 10^9.
    """
    mantissa, exponent = np.frexp(np.asarray(values, dtype=np.float64))
    small = mantissa < _SQRT_HALF
    mantissa = np.where(small, mantissa * 2.0, mantissa)
    scale = exponent.astype(np.float64) - small
    ratio = (mantissa - 1.0) / (mantissa + 1.0)
    square = ratio * ratio
    series = np.zeros_like(ratio)
    for coefficient in _SERIES:
        series = series * square + coefficient
    logarithm: Floats = scale * _LN2_HIGH + (2.0 * ratio * series + scale * _LN2_LOW)
    return logarithm


def sampling_keys(ids: Words, weights: npt.NDArray[np.floating[Any]], *, seed: int) -> Floats:
    """Exponential variates of rate `weights` (> 0), shape [n]; ascending is sampling order."""
    keys: Floats = -portable_log(uniforms(ids, seed)) / weights.astype(np.float64)
    return keys


def ascending(keys: Floats, ids: Words) -> npt.NDArray[np.intp]:
    """Positions in ascending order of key; equal keys, which are rare, in order of id."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    if np.any(ranked[1:] == ranked[:-1]):
        return np.lexsort((ids[:, 1], ids[:, 0], keys))
    return order
