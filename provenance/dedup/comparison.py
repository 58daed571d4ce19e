"""Counting what two texts share, compiled, and reading from the counts who covers whom."""

# ruff: noqa: PLR0917 (numba compiles no keyword-only parameters)

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from numba import njit

from provenance.dedup.kernels import sketch_level
from provenance.dedup.parameters import DedupParameters

if TYPE_CHECKING:  # who only counts needs no query engine
    from provenance.dedup.signed import SignedTexts

I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]

#: Columns of the counts of a pair.
BOTH, TOTAL_A, TOTAL_B, SHARED, OWN_A, OWN_B = range(6)


@njit(cache=True)
def count_pair(  # type: ignore[no-untyped-def]
    hashes_a, boilerplate_a, hashes_b, boilerplate_b, limit, counts
):
    """Add up, over the hashes below `limit` of two ascending sketches, into `counts` [6]:

    BOTH: in both. TOTAL_A, TOTAL_B: in one. SHARED: in both, boilerplate of neither.
    OWN_A, OWN_B: in one, boilerplate of neither. What one site shows to be boilerplate is
    boilerplate in the other text too.
    """
    a, b = 0, 0
    n_a = np.searchsorted(hashes_a, limit)
    n_b = np.searchsorted(hashes_b, limit)
    counts[TOTAL_A], counts[TOTAL_B] = n_a, n_b
    while a < n_a and b < n_b:
        if hashes_a[a] == hashes_b[b]:
            counts[BOTH] += 1
            counts[SHARED] += not (boilerplate_a[a] or boilerplate_b[b])
            a += 1
            b += 1
        elif hashes_a[a] < hashes_b[b]:
            counts[OWN_A] += not boilerplate_a[a]
            a += 1
        else:
            counts[OWN_B] += not boilerplate_b[b]
            b += 1
    for rest in range(a, n_a):
        counts[OWN_A] += not boilerplate_a[rest]
    for rest in range(b, n_b):
        counts[OWN_B] += not boilerplate_b[rest]
    counts[OWN_A] += counts[SHARED]
    counts[OWN_B] += counts[SHARED]


@njit(cache=True)
def _count_pairs(  # type: ignore[no-untyped-def]
    hashes, is_boilerplate, starts, stops, n_shingles, pairs, counts
):
    for pair in range(len(pairs)):
        a, b = pairs[pair]
        level = max(sketch_level(n_shingles[a]), sketch_level(n_shingles[b]))
        count_pair(
            hashes[starts[a] : stops[a]],
            is_boilerplate[starts[a] : stops[a]],
            hashes[starts[b] : stops[b]],
            is_boilerplate[starts[b] : stops[b]],
            np.uint64(1) << np.uint64(32 - level),
            counts[pair],
        )


@njit(cache=True)
def _agreements(signatures, pairs, agreements):  # type: ignore[no-untyped-def]
    for pair in range(len(pairs)):
        a, b = pairs[pair]
        agreements[pair] = (signatures[a] == signatures[b]).sum()


def agreement(signatures: npt.NDArray[np.uint32], pairs: I64) -> F32:
    """Share of equal values of the signatures of each row of `pairs` [n, 2]: estimated Jaccard."""
    agreements = np.zeros(len(pairs), dtype=np.int64)
    _agreements(signatures, pairs, agreements)
    return (agreements / signatures.shape[1]).astype(np.float32)


def counts(texts: SignedTexts, pairs: I64) -> I64:
    """The six counts of each row of `pairs` [n, 2], as `count_pair` says: int64 [n, 6]."""
    found = np.zeros((len(pairs), 6), dtype=np.int64)
    _count_pairs(
        texts.hashes, texts.is_boilerplate, texts.starts, texts.stops, texts.n_shingles,
        pairs, found,
    )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """What pairs of texts have in common, each array [n]; a is the earlier text of a pair.

    similarity: estimated Jaccard of the whole texts. containment_*: estimated share of the own
    shingles of one text that stand in the other; of all its shingles where it has none of its own.
    *_is_covered: whether that makes the one a copy of the other.
    """

    similarity: F32
    containment_a_in_b: F32
    containment_b_in_a: F32
    a_is_covered: npt.NDArray[np.bool_]
    b_is_covered: npt.NDArray[np.bool_]


def compare(texts: SignedTexts, pairs: I64, parameters: DedupParameters) -> Comparison:
    """Compare the texts in each row of `pairs` [n, 2].

    A match needs proof beside containment: enough shared hashes, or, where both texts have fewer
    of their own than that, a high similarity as wholes.
    """
    similarity = agreement(texts.signatures, pairs)
    found = counts(texts, pairs)
    few = (found[:, [OWN_A, OWN_B]] < parameters.min_shared).all(axis=1)
    proof = np.where(
        few, similarity >= parameters.min_jaccard, found[:, SHARED] >= parameters.min_shared
    )
    sizes = texts.n_shingles[pairs].astype(np.float64)
    sides = []
    for side, own, total in ((0, OWN_A, TOTAL_A), (1, OWN_B, TOTAL_B)):
        containment = np.where(
            found[:, own] > 0,
            _share(found, SHARED, own),
            whole_containment(similarity, sizes, side),
        )
        covered = (
            proof
            & (containment >= parameters.min_containment)
            & (_share(found, BOTH, total) >= parameters.min_whole)
        )
        sides.append((containment.astype(np.float32), covered))
    (a_in_b, a_covered), (b_in_a, b_covered) = sides
    return Comparison(similarity, a_in_b, b_in_a, a_covered, b_covered)


def whole_containment(
    similarity: F32, sizes: npt.NDArray[np.float64], side: int
) -> npt.NDArray[np.float64]:
    """Containment of sets of `sizes` [n, 2] from their Jaccard j: j (|A| + |B|) / ((1 + j) |A|)."""
    both = similarity * sizes.sum(axis=1) / (1 + similarity)
    return np.minimum(1.0, both / sizes[:, side])


def _share(found: I64, part: int, whole: int) -> npt.NDArray[np.float64]:
    return found[:, part] / np.maximum(found[:, whole], 1)
