"""Who in an archive has the text of a page: candidates by probes, then containment by sketches.

A page is *covered* by an archived text when what is its own, boilerplate set aside, stands there.
The rule is stricter than for two pages of one crawl, because a match is decisive evidence: where
the sketches are samples, so many of the page's own hashes must be shared that a page of which only
half is quoted would pass less than one time in a hundred (one-sided normal bound on a sample
without replacement).
"""

# ruff: noqa: PLR0917 (numba compiles no keyword-only parameters)

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from provenance.dedup.anchor.index import held
from provenance.dedup.anchor.lookup import lookup
from provenance.dedup.anchor.tables import Segment
from provenance.dedup.anchor.texts import SignedBatch
from provenance.dedup.comparison import BOTH, OWN_A, SHARED, TOTAL_A, count_pair
from provenance.dedup.kernels import sketch_level
from provenance.dedup.parameters import DedupParameters

#: Texts compared with one page at most, those with most probes in common, the earliest first.
CANDIDATES = 32
#: A page with fewer probes is searched for when one of them may be held; any other needs two.
FEW_PROBES = 8
#: Standard deviations of the one-sided bound: 1 %.
_DEVIATIONS = 2.33
_HALF = 0.5

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Matches:
    """m pairs, by page and then from the earliest text.

    pages, texts: int64 [m], row of the page in its batch, number of the text in the segment.
    containment: float32 [m], share of the page's own shingles that stand in the text.
    is_exact: whether their normal forms are equal. is_covered: whether the text's date is the
    page's too.
    """

    pages: I64
    texts: I64
    containment: npt.NDArray[np.float32]
    is_exact: npt.NDArray[np.bool_]
    is_covered: npt.NDArray[np.bool_]


def candidates(segment: Segment, pages: SignedBatch) -> I64:
    """Pairs (page, text) [m, 2] that share a probe, or the content hash."""
    n_probes = len(pages.probes)
    places, probes = held(segment, pages.probes, pages.content[:, 0])
    owners = np.searchsorted(pages.probe_bounds, places, side="right") - 1
    owners = np.where(places < n_probes, owners, places - n_probes)
    worth = (places >= n_probes) | _is_promising(owners, pages)
    owners = owners[worth]
    found = lookup(segment, probes[worth])
    return _most_shared(owners[found[:, 0]], found[:, 1])


def _is_promising(owners: I64, pages: SignedBatch) -> npt.NDArray[np.bool_]:
    """Whether the page of each probe that the filter let through is worth a search.

    One of many probes is let through by chance more often than not. A page that is covered has
    more: of 100 shingles, all in a long text, the filter sees 6 on average, and none or one in 2 %.
    """
    n_held = np.bincount(owners, minlength=len(pages))[owners]
    n_asked = np.diff(pages.probe_bounds)[owners]
    promising: npt.NDArray[np.bool_] = (n_held > 1) | (n_asked < FEW_PROBES)
    return promising


def _most_shared(pages: I64, texts: I64) -> I64:
    """The distinct pairs, at most CANDIDATES to a page: those that occur most often."""
    pairs, votes = np.unique(np.column_stack([pages, texts]), axis=0, return_counts=True)
    pairs = pairs.astype(np.int64).reshape(-1, 2)
    order = np.lexsort((pairs[:, 1], -votes, pairs[:, 0]))
    ordered = pairs[order]
    starts = np.searchsorted(ordered[:, 0], ordered[:, 0])
    chosen = ordered[np.arange(len(ordered)) - starts < CANDIDATES]
    return chosen[np.lexsort((chosen[:, 1], chosen[:, 0]))]


def compare(
    segment: Segment,
    pages: SignedBatch,
    is_boilerplate: npt.NDArray[np.bool_],
    pairs: I64,
    parameters: DedupParameters,
) -> Matches:
    """What each pair (page, text) of `pairs` [m, 2] has in common.

    is_boilerplate: bool, beside pages.hashes: what the page's own site repeats.
    """
    arrays = segment.arrays
    counts = np.zeros((len(pairs), 6), dtype=np.int64)
    levels = np.zeros(len(pairs), dtype=np.int64)
    _count(
        pages.hashes, is_boilerplate, pages.bounds, pages.n_shingles,
        arrays["hashes"], arrays["boilerplate"], arrays["bounds"], arrays["n_shingles"],
        pairs, counts, levels,
    )  # fmt: skip
    is_exact = _is_exact(segment, pages, pairs)
    covered, containment = covers(counts, levels, parameters)
    return Matches(
        pages=pairs[:, 0],
        texts=pairs[:, 1],
        containment=np.where(is_exact, 1.0, containment).astype(np.float32),
        is_exact=is_exact,
        is_covered=is_exact | covered,
    )


def covers(
    counts: I64, levels: I64, parameters: DedupParameters
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """Whether text b covers text a, and a's containment in it, from the counts of `count_pair`.

    levels: int64 [m]; one in 2**level of the hashes were compared.
    """
    own = np.maximum(counts[:, OWN_A], 1)
    containment = counts[:, SHARED] / own
    unseen = 1.0 - 0.5**levels
    bound = _HALF + _DEVIATIONS * np.sqrt(_HALF * _HALF * unseen / own)
    whole = counts[:, BOTH] / np.maximum(counts[:, TOTAL_A], 1)
    covered = (
        (counts[:, SHARED] >= parameters.min_shared)
        & (containment >= np.maximum(parameters.min_containment, bound))
        & (whole >= parameters.min_whole)
    )
    return covered, containment


def _is_exact(segment: Segment, pages: SignedBatch, pairs: I64) -> npt.NDArray[np.bool_]:
    held_content = np.asarray(segment.arrays["content"])[pairs[:, 1]]
    same: npt.NDArray[np.bool_] = (held_content == pages.content[pairs[:, 0]]).all(axis=1)
    return same & (pages.n_shingles[pairs[:, 0]] > 0)


@njit(cache=True)
def _count(  # type: ignore[no-untyped-def]
    page_hashes, page_boilerplate, page_bounds, page_shingles,
    hashes, boilerplate, bounds, n_shingles, pairs, counts, levels,
):  # fmt: skip
    for pair in range(len(pairs)):
        page, text = pairs[pair]
        start, stop = bounds[text], bounds[text + 1]
        marks = np.zeros(stop - start, np.bool_)
        low = np.searchsorted(boilerplate, start)
        high = np.searchsorted(boilerplate, stop)
        for at in range(low, high):
            marks[boilerplate[at] - start] = True
        levels[pair] = max(sketch_level(page_shingles[page]), sketch_level(n_shingles[text]))
        first, last = page_bounds[page], page_bounds[page + 1]
        count_pair(
            page_hashes[first:last],
            page_boilerplate[first:last],
            hashes[start:stop],
            marks,
            np.uint64(1) << np.uint64(32 - levels[pair]),
            counts[pair],
        )
