"""Connected components of numbers 0 to n - 1, joined pair by pair.

Union-find with path halving (Tarjan and van Leeuwen 1984). The lesser root takes the greater, so
that the root of a component is its least number whatever the order of the pairs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]


@njit(cache=True, nogil=True)
def find(parents, number):  # type: ignore[no-untyped-def]
    """The root of `number`; its path in `parents` is halved on the way."""
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number


@njit(cache=True, nogil=True)
def join(parents: I32, pairs: I64) -> None:
    """Make one component of the components of each of `pairs` [n, 2]."""
    for row in range(len(pairs)):
        one, other = find(parents, pairs[row, 0]), find(parents, pairs[row, 1])
        parents[max(one, other)] = min(one, other)


@njit(cache=True, nogil=True)
def are_apart(parents: I32, pairs: I64) -> npt.NDArray[np.bool_]:
    """Whether each of `pairs` [n, 2] lies in two components."""
    apart = np.empty(len(pairs), np.bool_)
    for row in range(len(pairs)):
        apart[row] = find(parents, pairs[row, 0]) != find(parents, pairs[row, 1])
    return apart


@njit(cache=True, nogil=True)
def settle(parents: I32) -> None:
    """Let every number point at the root of its component."""
    for number in range(len(parents)):
        # What stands before is settled, and a parent is never greater than its child.
        parents[number] = parents[parents[number]]
