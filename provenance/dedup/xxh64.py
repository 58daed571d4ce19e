"""XXH64 with seed 0 on slices of a byte array, compiled.

Collet, "XXH64 algorithm description". Every sum of an index and a constant is kept in uint64:
numba turns a mix of signed and unsigned integers into float64.

A processor hashes one slice of 30 bytes after another at the pace of its wrong guesses about their
lengths. `xxh64_slices` has no such branches: it takes many slices through the same steps, which
become vector instructions, and drops the result of each step where a slice has no bytes for it.
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


#: Slices that take their steps together.
_LANES = 32
#: Bytes past the end of a slice that are read, and change nothing.
OVERREAD = 32
#: Slices of so many bytes or more are hashed by themselves.
_LONG = _U(64)
#: Rows of the working memory of `xxh64_slices`, each of _LANES words: the length of a slice, the
#: first three words after its whole stripe, the word at its last bytes, its digest, its stripe.
_LENGTH, _TAIL, _LAST, _DIGEST, _STRIPE, _ROWS = 0, 1, 4, 5, 6, 10


@njit(cache=True, inline="always")
def _where(condition, one, other):  # type: ignore[no-untyped-def]
    return one if condition else other


@njit(cache=True)
def _gather(data, starts, stops, work):  # type: ignore[no-untyped-def]
    """Put the words of at most _LANES slices in their rows; the length of the longest slice."""
    longest = _U(0)
    for lane in range(len(starts)):
        start = _U(starts[lane])
        length = _U(stops[lane]) - start
        longest = max(longest, length)
        tail = start + (length & ~_U(31))
        work[_LENGTH * _LANES + lane] = length
        work[_TAIL * _LANES + lane] = _word64(data, tail)
        work[(_TAIL + 1) * _LANES + lane] = _word64(data, tail + _U(8))
        work[(_TAIL + 2) * _LANES + lane] = _word64(data, tail + _U(16))
        work[_LAST * _LANES + lane] = _word64(data, tail + (length & _U(24)))
        for word in range(4):
            work[(_STRIPE + word) * _LANES + lane] = _word64(data, start + _U(8 * word))
    return longest


@njit(cache=True)
def _stripe_lanes(work):  # type: ignore[no-untyped-def]
    """Begin the digests of slices of at most one stripe."""
    for lane in range(_LANES):
        lane_1 = _round(PRIME_1 + _PRIME_2, work[_STRIPE * _LANES + lane])
        lane_2 = _round(_PRIME_2, work[(_STRIPE + 1) * _LANES + lane])
        lane_3 = _round(_U(0), work[(_STRIPE + 2) * _LANES + lane])
        lane_4 = _round(_U(0) - PRIME_1, work[(_STRIPE + 3) * _LANES + lane])
        digest = _rotate(lane_1, 1) + _rotate(lane_2, 7) + _rotate(lane_3, 12) + _rotate(lane_4, 18)
        digest = _merge(_merge(_merge(_merge(digest, lane_1), lane_2), lane_3), lane_4)
        length = work[_LENGTH * _LANES + lane]
        work[_DIGEST * _LANES + lane] = _where(length >= _U(32), digest, _PRIME_5)


@njit(cache=True, inline="always")
def _eat_word(digest, word):  # type: ignore[no-untyped-def]
    return _rotate(digest ^ _round(_U(0), word), 27) * PRIME_1 + _PRIME_4


@njit(cache=True, inline="always")
def _eat_byte(digest, byte):  # type: ignore[no-untyped-def]
    return _rotate(digest ^ ((byte & _U(0xFF)) * _PRIME_5), 11) * PRIME_1


@njit(cache=True)
def _finish_lanes(work):  # type: ignore[no-untyped-def]
    """Complete the digests with the up to 31 bytes after the stripe."""
    for lane in range(_LANES):
        length = work[_LENGTH * _LANES + lane]
        rest = length & _U(31)
        digest = work[_DIGEST * _LANES + lane] + length
        for word in range(3):
            eaten = _eat_word(digest, work[(_TAIL + word) * _LANES + lane])
            digest = _where(rest >= _U(8 * word + 8), eaten, digest)
        last = work[_LAST * _LANES + lane]
        has_four = rest & _U(4) != _U(0)
        eaten = digest ^ ((last & _U(0xFFFFFFFF)) * PRIME_1)
        eaten = _rotate(eaten, 23) * _PRIME_2 + _PRIME_3
        digest = _where(has_four, eaten, digest)
        last = _where(has_four, last >> _U(32), last)
        for byte in range(3):
            eaten = _eat_byte(digest, last >> _U(8 * byte))
            digest = _where(rest & _U(3) > _U(byte), eaten, digest)
        work[_DIGEST * _LANES + lane] = _avalanche(digest)


@njit(cache=True)
def xxh64_slices(
    data: npt.NDArray[np.uint8],
    starts: npt.NDArray[np.int64],
    stops: npt.NDArray[np.int64],
    into: npt.NDArray[np.uint64],
) -> None:
    """Put XXH64 with seed 0 of `data[starts[i]:stops[i]]` into `into[i]`.

    `data` is at least OVERREAD bytes longer than the last stop.
    """
    work = np.zeros(_ROWS * _LANES, np.uint64)
    for first in range(0, len(starts), _LANES):
        after = min(first + _LANES, len(starts))
        longest = _gather(data, starts[first:after], stops[first:after], work)
        if longest >= _U(32):
            _stripe_lanes(work)
        else:
            work[_DIGEST * _LANES : (_DIGEST + 1) * _LANES] = _PRIME_5
        _finish_lanes(work)
        for lane in range(after - first):
            into[first + lane] = work[_DIGEST * _LANES + lane]
        if longest >= _LONG:
            for place in range(first, after):
                if _U(stops[place]) - _U(starts[place]) >= _LONG:
                    into[place] = xxh64(data, _U(starts[place]), _U(stops[place]))
