"""The plain twins: Python numbers and loops, obviously right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

_WORD = 0xFFFFFFFF


def binomial_tail(k: int, n: int, p: Fraction) -> Fraction:
    """P(X >= k), X ~ Binomial(n, p), exactly."""
    return sum((math.comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(k, n + 1)), Fraction(0))


def gamma_tail(x: float, n: int) -> float:
    """P(X >= x), X the sum of n standard exponential variables."""
    return math.fsum(math.exp(-x) * x**j / math.factorial(j) for j in range(n))


def draws(seed: int, count: int) -> list[int]:
    """The first `count` draws of MT19937 seeded with `seed` (Matsumoto and Nishimura 1998)."""
    state = [seed & _WORD]
    for i in range(1, 624):
        state.append(1812433253 * (state[-1] ^ state[-1] >> 30) + i & _WORD)
    while len(state) < 624 + count:
        upper, lower = state[-624], state[-623]
        mixed = upper & 0x80000000 | lower & 0x7FFFFFFF
        state.append(state[-624 + 397] ^ mixed >> 1 ^ (0x9908B0DF if lower & 1 else 0))
    return [_tempered(word) for word in state[624:]]


def _tempered(word: int) -> int:
    word ^= word >> 11
    word ^= word << 7 & 0x9D2C5680
    word ^= word << 15 & 0xEFC60000
    return word ^ word >> 18


def permutation(seed: int, n: int) -> list[int]:
    """A forward Fisher-Yates shuffle of 0 to n - 1."""
    order = list(range(n))
    for i, draw in enumerate(draws(seed, n - 1)):
        j = i + draw % (n - i)
        order[i], order[j] = order[j], order[i]
    return order


def synthid_score(
    ngram: Sequence[int], keys: Sequence[int], bits: Sequence[int], weights: Sequence[float]
) -> float:
    """Weighted sum of the g values of one n-gram."""
    state = _hash(1, ngram)
    places = [_hash(state, [key]) % len(bits) for key in keys]
    return math.fsum(weight * bits[place] for weight, place in zip(weights, places, strict=True))


def _hash(state: int, numbers: Sequence[int]) -> int:
    for number in numbers:
        state = (state + number) * 6364136223846793005 + 1
    return state % 2**64


def left_hash_pairs(ids: Sequence[int], key: int) -> list[tuple[int, int]]:
    """Distinct (seed, token) pairs of a text under the left hash, in order."""
    pairs = [(key * left % (2**64 - 1) & _WORD, token) for left, token in pairwise(ids)]
    return list(dict.fromkeys(pairs))
