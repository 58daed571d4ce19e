"""XXH64 with seed 0 on slices of a byte array, compiled.

Collet, "XXH64 algorithm description". Every sum of an index and a constant is kept in uint64:
numba turns a mix of signed and unsigned integers into float64.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

_U = np.uint64
PRIME_1 = _U(0x9E3779B185EBCA87)
_PRIME_2 = _U(0xC2B2AE3D27D4EB4F)
_PRIME_3 = _U(0x165667B19E3779F9)
_PRIME_4 = _U(0x85EBCA77C2B2AE63)
_PRIME_5 = _U(0x27D4EB2F165667C5)


@njit(cache=True, inline="always")
def _rotate(value, bits):  # type: ignore[no-untyped-def]
    return (value << _U(bits)) | (value >> _U(64 - bits))


@njit(cache=True, inline="always")
def _word32(data, at):  # type: ignore[no-untyped-def]
    value = _U(data[at])
    for byte in range(1, 4):
        value |= _U(data[at + _U(byte)]) << _U(8 * byte)
    return value


@njit(cache=True, inline="always")
def _word64(data, at):  # type: ignore[no-untyped-def]
    value = _U(data[at])
    for byte in range(1, 8):
        value |= _U(data[at + _U(byte)]) << _U(8 * byte)
    return value


@njit(cache=True, inline="always")
def _round(lane, word):  # type: ignore[no-untyped-def]
    return _rotate(lane + word * _PRIME_2, 31) * PRIME_1


@njit(cache=True, inline="always")
def _merge(digest, lane):  # type: ignore[no-untyped-def]
    return (digest ^ _round(_U(0), lane)) * PRIME_1 + _PRIME_4


@njit(cache=True)
def _stripes(data, at, stop):  # type: ignore[no-untyped-def]
    """The digest after all whole stripes of 32 bytes, and where they end."""
    lane_1, lane_2 = PRIME_1 + _PRIME_2, _PRIME_2
    lane_3, lane_4 = _U(0), _U(0) - PRIME_1
    while at + _U(32) <= stop:
        lane_1 = _round(lane_1, _word64(data, at))
        lane_2 = _round(lane_2, _word64(data, at + _U(8)))
        lane_3 = _round(lane_3, _word64(data, at + _U(16)))
        lane_4 = _round(lane_4, _word64(data, at + _U(24)))
        at += _U(32)
    digest = _rotate(lane_1, 1) + _rotate(lane_2, 7) + _rotate(lane_3, 12) + _rotate(lane_4, 18)
    digest = _merge(_merge(_merge(_merge(digest, lane_1), lane_2), lane_3), lane_4)
    return digest, at


@njit(cache=True)
def _avalanche(digest):  # type: ignore[no-untyped-def]
    digest = (digest ^ (digest >> _U(33))) * _PRIME_2
    digest = (digest ^ (digest >> _U(29))) * _PRIME_3
    return digest ^ (digest >> _U(32))


@njit(cache=True)
def xxh64(data: npt.NDArray[np.uint8], start: np.uint64, stop: np.uint64) -> np.uint64:
    """XXH64 with seed 0 of `data[start:stop]`; both bounds are uint64."""
    at = start
    length = stop - start
    digest = _PRIME_5
    if length >= _U(32):
        digest, at = _stripes(data, at, stop)
    digest += length
    while at + _U(8) <= stop:
        digest ^= _round(_U(0), _word64(data, at))
        digest = _rotate(digest, 27) * PRIME_1 + _PRIME_4
        at += _U(8)
    if at + _U(4) <= stop:
        digest ^= _word32(data, at) * PRIME_1
        digest = _rotate(digest, 23) * _PRIME_2 + _PRIME_3
        at += _U(4)
    while at < stop:
        digest = _rotate(digest ^ (_U(data[at]) * _PRIME_5), 11) * PRIME_1
        at += _U(1)
    return _avalanche(digest)
