"""The order of a training set: every window of it is the mix in small.

Training on a mix whose parts arrive in blocks forgets the early ones, and a tail that arrives at
once is a tail seen once. Here every run of documents, wherever it begins, holds each stratum's
share, and within each stratum its share of rare and of verified human documents.

The order of the strata solves the chairman assignment problem (Tijdeman 1980, Discrete
Mathematics 32, 323-330): every prefix of the order holds each of k classes' share to within
1 - 1 / (2k - 2) documents, the best that is possible, so that every window does to within two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from provenance.policy.sampling import Words, ascending, uniforms

I64 = npt.NDArray[np.int64]

#: Set apart from the seed of the selection, which would put the documents of high weight first.
_ORDER_SEED: Final = 0x6F72646572


@dataclass(frozen=True, slots=True)
class Emitted:
    """The rows of the training set, each array [n].

    ids: uint64 [n, 2], see `sampling.id_words`. strata: int64, number of the stratum.
    passes: int64, how many times the document came before. is_rare, is_human: bool.
    """

    ids: Words
    strata: I64
    passes: I64
    is_rare: npt.NDArray[np.bool_]
    is_human: npt.NDArray[np.bool_]


def curriculum_order(rows: Emitted, *, seed: int) -> I64:
    """The rows in training order: int64 [n], positions in `rows`.

    The order hangs on ids, passes and classes alone, not on the order of `rows`. All first passes
    of the documents of a class come before the second passes.
    """
    order = np.empty(len(rows.strata), dtype=np.int64)
    shuffled = _shuffled(rows, seed)
    strata = rows.strata[shuffled]
    names, counts = np.unique(strata, return_counts=True)
    places = interleave(counts)
    for number, name in enumerate(names):
        order[places == number] = _spread(rows, shuffled[strata == name])
    return order


def interleave(counts: Sequence[int] | I64) -> npt.NDArray[np.int32]:
    """The class of each place: int32 [sum(counts)], class i exactly counts[i] times.

    Every prefix of n places holds n * counts[i] / sum(counts) places of class i to within
    1 - 1 / (2k - 2), with k the number of classes.
    """
    sizes = np.asarray(counts, dtype=np.int64)
    classes = np.zeros(int(sizes.sum()), dtype=np.int32)
    if np.count_nonzero(sizes) > 1:
        filled = np.flatnonzero(sizes)
        assign_places(sizes[filled], classes)
        classes = filled[classes].astype(np.int32)
    elif len(classes):
        classes[:] = np.flatnonzero(sizes)[0]
    return classes


@njit(cache=True)
def assign_places(sizes, classes):  # type: ignore[no-untyped-def]
    """Fill `classes` [n] with numbers below k = len(sizes) >= 2, all sizes > 0, n their sum.

    owed[i] is n times what class i lacks: after t places, t * sizes[i] - n * (places it has). Of
    the classes that lack at least 1 / (2k - 2) with the place that is given now, the one takes it
    that would be the first to lack a whole place too many.
    """
    n, k = len(classes), len(sizes)
    owed = np.zeros(k, dtype=np.int64)
    for place in range(n):
        owed += sizes
        chosen, deadline = 0, np.inf
        for i in range(k):
            if owed[i] * (2 * k - 2) >= n:
                slack = (n * (2 * k - 3) - owed[i] * (2 * k - 2)) / sizes[i]
                if slack < deadline:
                    chosen, deadline = i, slack
        owed[chosen] -= n
        classes[place] = chosen


def widest_gap(marked: npt.NDArray[np.bool_]) -> int:
    """The length of the longest run of places without a mark."""
    places = np.flatnonzero(marked)
    bounds = np.concatenate(([-1], places, [len(marked)]))
    return int(np.diff(bounds).max() - 1)


def _shuffled(rows: Emitted, seed: int) -> I64:
    """All rows by pass, and at random within each pass."""
    keys = uniforms(rows.ids, seed ^ _ORDER_SEED)
    return ascending(keys + rows.passes, rows.ids).astype(np.int64)


def _spread(rows: Emitted, members: I64) -> I64:
    """The rows of one stratum, its rare and its human ones spread evenly over it."""
    kinds = rows.is_rare[members] * 2 + rows.is_human[members]
    places = interleave(np.bincount(kinds, minlength=4))
    spread = np.empty(len(members), dtype=np.int64)
    for kind in range(4):
        spread[places == kind] = members[kinds == kind]
    return spread
