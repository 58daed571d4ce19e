"""Mass, mean and squared deviation of values under softmax weights, row by row on one core.

A row is read thrice while it lies in the core's nearest cache, so that a block of logits is read
from memory once; `token_statistics` has the same in tensor operations, for other devices.

All that adds up is compiled as one function, `_block_moments`: one that it called would be compiled
by itself when it is first used and again as a part of it when it comes from the cache, with sums in
another order.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

_LOG2_E: Final = np.float32(1.4426950408889634)
#: ln 2 in two parts: the product of the first with any exponent of float32 is exact.
_LN2_HIGH: Final = np.float32(0.693359375)
_LN2_LOW: Final = np.float32(-2.12194440e-4)
#: Below this exp is under the least normal float32: such a weight is nothing beside the largest, 1.
_LEAST: Final = np.float32(-87.0)
_HALF: Final = np.float32(0.5)
_ONE: Final = np.float32(1.0)
#: 1/3! to 1/7!: Taylor's next term is below 3e-9 for |r| <= ln(2) / 2.
_C3: Final = np.float32(1 / 6)
_C4: Final = np.float32(1 / 24)
_C5: Final = np.float32(1 / 120)
_C6: Final = np.float32(1 / 720)
_C7: Final = np.float32(1 / 5040)


@njit(cache=True, nogil=True, fastmath={"contract"})
def exp(x: np.float32) -> np.float32:
    """e ** x for x <= 0, within 2 units in the last place; e ** -87 below that; NaN of NaN."""
    x = _LEAST if x < _LEAST else x
    whole = np.floor(x * _LOG2_E + _HALF)
    r = (x - whole * _LN2_HIGH) - whole * _LN2_LOW
    tail = _HALF + r * (_C3 + r * (_C4 + r * (_C5 + r * (_C6 + r * _C7))))
    power = np.int32((np.int32(whole) + 127) << 23).view(np.float32)
    return ((r * r) * tail + r + _ONE) * power


@njit(inline="always")
def _row_moments(
    logits: Float32, values: Float32, top: np.float32, centre: np.float32, weights: Float32
) -> tuple[np.float32, np.float64, np.float32]:
    mass, first = np.float32(0.0), np.float32(0.0)
    for j in range(len(logits)):
        weight = exp(logits[j] - top)
        weights[j] = weight
        mass += weight
        first += weight * (values[j] - centre)
    offset = first / mass
    squares = np.float32(0.0)
    for j in range(len(values)):
        deviation = (values[j] - centre) - offset
        squares += weights[j] * deviation * deviation
    return mass, np.float64(centre) + np.float64(offset), squares


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _block_moments(
    logits: Float32, values: Float32, tops: Float32, centres: Float32, made: Float64
) -> None:
    weights = np.empty(logits.shape[1], np.float32)
    for i in range(len(logits)):
        mass, mean, squares = _row_moments(logits[i], values[i], tops[i], centres[i], weights)
        made[0, i], made[1, i], made[2, i] = mass, mean, squares


def block_moments(logits: Float32, values: Float32 | None = None) -> tuple[Float32, Float64]:
    """Of each row its largest logit, and mass, mean and sum of squared deviations, [3, n].

    Mass: sum of the weights exp(logit - largest); the others are of the values under these weights.
    logits, values: contiguous, [n, m], m > 0; values are the logits themselves by default. A NaN in
    a row makes all of them NaN.
    """
    tops = logits.max(axis=1)
    made = np.empty((3, len(logits)))
    if values is None:
        _block_moments(logits, logits, tops, tops, made)
    else:
        _block_moments(logits, values, tops, values.max(axis=1), made)
    return tops, made


@njit(cache=True, nogil=True)
def count_above(logits: Float32, floors: Float32, counts: NDArray[np.int64]) -> None:
    """Add to `counts`, [n], how many logits of each row, [n, m], are above its floor, [n]."""
    n, m = logits.shape
    for i in range(n):
        floor, above = floors[i], np.int32(0)
        for j in range(m):
            above += np.int32(logits[i, j] > floor)
        counts[i] += above
