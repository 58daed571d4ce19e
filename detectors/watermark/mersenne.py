"""What PyTorch's CPU generator draws: MT19937, seeded with the low 32 bits of `manual_seed`.

randperm   a forward Fisher-Yates shuffle: step i swaps place i with place i + draw mod (n - i)
rand       float32: the low 24 bits of a draw, times 2^-24
randint    a draw modulo the range

All three are confirmed against the installed PyTorch by the tests. A CUDA generator draws
otherwise (`philox`).
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

UInt32: TypeAlias = NDArray[np.uint32]
Int64: TypeAlias = NDArray[np.int64]

_N: Final = 624
_M: Final = 397
_LOW_24: Final = np.uint32(0xFFFFFF)


@njit(cache=True, nogil=True)
def _start(seed: int, state: UInt32) -> None:
    word = np.uint32(seed)
    state[0] = word
    for i in range(1, _N):
        word = np.uint32(np.uint32(1812433253) * (word ^ (word >> np.uint32(30))) + np.uint32(i))
        state[i] = word


@njit(cache=True, nogil=True)
def _twisted(upper: np.uint32, lower: np.uint32, far: np.uint32) -> np.uint32:
    mixed = (upper & np.uint32(0x80000000)) | (lower & np.uint32(0x7FFFFFFF))
    odd = np.uint32(0x9908B0DF) if lower & np.uint32(1) else np.uint32(0)
    return np.uint32(far ^ (mixed >> np.uint32(1)) ^ odd)


@njit(cache=True, nogil=True)
def _twist(state: UInt32) -> None:
    """The next 624 words of the state, in place."""
    for i in range(_N - _M):
        state[i] = _twisted(state[i], state[i + 1], state[i + _M])
    for i in range(_N - _M, _N - 1):
        state[i] = _twisted(state[i], state[i + 1], state[i + _M - _N])
    state[_N - 1] = _twisted(state[_N - 1], state[0], state[_M - 1])


@njit(cache=True, nogil=True)
def _tempered(word: np.uint32) -> np.uint32:
    word ^= word >> np.uint32(11)
    word ^= (word << np.uint32(7)) & np.uint32(0x9D2C5680)
    word ^= (word << np.uint32(15)) & np.uint32(0xEFC60000)
    return np.uint32(word ^ (word >> np.uint32(18)))


@njit(cache=True, nogil=True)
def draws(seed: int, count: int) -> UInt32:
    """The first `count` draws of a generator seeded with `seed` (its low 32 bits)."""
    state = np.empty(_N, np.uint32)
    _start(seed, state)
    drawn = np.empty(count, np.uint32)
    for i in range(count):
        if i % _N == 0:
            _twist(state)
        drawn[i] = _tempered(state[i % _N])
    return drawn


@njit(cache=True, nogil=True)
def permutation(seed: int, n: int) -> Int64:
    """torch.randperm(n): int64 [n]."""
    drawn = draws(seed, n)
    order = np.arange(n)
    for i in range(n - 1):
        j = i + drawn[i] % np.uint32(n - i)
        order[i], order[j] = order[j], order[i]
    return order


@njit(cache=True, nogil=True)
def _find_green(
    state: UInt32, places: Int64, n: int, n_green: int, green: NDArray[np.bool_]
) -> None:
    """Follow the tokens at `places` through the shuffle; who is fetched to its head is green.

    The first n_green places are settled after n_green steps: the rest of the shuffle, and every
    token that nobody asked about, is never looked at.
    """
    for i in range(n_green):
        if i % _N == 0:
            _twist(state)
        j = i + _tempered(state[i % _N]) % np.uint32(n - i)
        for k in range(len(places)):
            if places[k] == j:
                green[k] = True
                places[k] = -1
            elif places[k] == i:
                places[k] = j


@njit(cache=True, nogil=True)
def are_green(seeds: UInt32, tokens: Int64, n: int, n_green: int) -> NDArray[np.bool_]:
    """Whether tokens[k] is among the first n_green of the permutation of seeds[k]: bool [m].

    seeds: ascending, so that equal ones share one shuffle. tokens: 0 to n - 1. n_green < n.
    """
    green = np.zeros(len(tokens), np.bool_)
    state = np.empty(_N, np.uint32)
    begin = 0
    while begin < len(seeds):
        end = begin + 1
        while end < len(seeds) and seeds[end] == seeds[begin]:
            end += 1
        _start(seeds[begin], state)
        _find_green(state, tokens[begin:end].copy(), n, n_green, green[begin:end])
        begin = end
    return green


@njit(cache=True, nogil=True)
def uniforms(seeds: UInt32, tokens: Int64) -> NDArray[np.float64]:
    """Element tokens[k] of torch.rand of a generator seeded with seeds[k]: float64 [m], below 1.

    seeds and, among equal seeds, tokens: ascending.
    """
    drawn = np.empty(len(tokens), np.float64)
    state = np.empty(_N, np.uint32)
    n_twists = 0
    for k in range(len(tokens)):
        if k == 0 or seeds[k] != seeds[k - 1]:
            _start(seeds[k], state)
            n_twists = 0
        while n_twists <= tokens[k] // _N:
            _twist(state)
            n_twists += 1
        word = _tempered(state[tokens[k] % _N])
        drawn[k] = (word & _LOW_24) * 2.0**-24
    return drawn
