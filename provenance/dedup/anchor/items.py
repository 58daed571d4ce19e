"""Benchmark items inside documents: containment of the item, counted on every shingle of the text.

An item is one text of an anchor. It counts as contained by these rules, after the ones in use:
any n-gram of 13 words (Brown et al. 2020, GPT-3, appendix C: 8 to 13 by the length of the items),
and at least 70 % of the item's 8-grams (Chowdhery et al. 2022, PaLM, section 8).

- an item of 13 words or more: at least MIN_CONTAINMENT of its 5-word shingles stand in the text;
- an item of 8 to 12 words: all of them do, which is its 8-gram or longer one, word for word;
- a shorter item would be found in any text about its subject: it is not looked for, and counted.

Shingles that more than TEMPLATE_ITEMS items hold are the benchmark's wording ("which of the
following is"), and no part of an item. A word is what the normal form counts: one character in
scripts without spaces.
"""

# ruff: noqa: PLR0917 (numba compiles no keyword-only parameters)

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from provenance.dedup.anchor.tables import Segment
from provenance.dedup.kernels import WORDS
from provenance.dedup.minhash import shingle_hashes
from provenance.errors import InputError, Problem

MIN_CONTAINMENT = 0.7
#: An item of fewer words is not looked for; one of fewer than WHOLE_WORDS must be there whole.
MIN_WORDS = 8
WHOLE_WORDS = 13
TEMPLATE_ITEMS = 64
#: Hashes of items held in memory at most: 12 bytes each.
LIMIT_HASHES = 2**26

I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]

_DIRECTORY_BITS = 20


@dataclass(frozen=True, slots=True)
class Contained:
    """m matches, by row: the item that a text holds most of. containment: float32 [m]."""

    rows: I64
    items: I64
    containment: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Items:
    """The items of one segment, looked up by hash.

    hashes: uint32 [n], ascending; items: uint32 [n], who holds each. directory: int64, where the
    hashes with each leading bits begin. needed: int64 [items], how many of its hashes a text must
    hold; 0 = not looked for. totals: int64 [items].
    """

    hashes: U32
    items: U32
    directory: I64
    needed: I64
    totals: I64

    @classmethod
    def load(cls, segment: Segment) -> Self:
        """The items of `segment`. Raises InputError when there are more than fit in memory."""
        if segment.facts["n_hashes"] > LIMIT_HASHES:
            what = f"holds {segment.facts['n_hashes']} hashes, too many to exclude by"
            raise InputError(Problem(str(segment.root), what, accepted=f"{LIMIT_HASHES} at most"))
        bounds, n_shingles = segment.arrays["bounds"], segment.arrays["n_shingles"]
        hashes = np.asarray(segment.arrays["hashes"])
        items = np.repeat(np.arange(len(n_shingles), dtype=np.uint32), np.diff(bounds))
        hashes, items = _without_templates(hashes, items)
        totals = np.bincount(items, minlength=len(n_shingles))
        starts = np.arange((1 << _DIRECTORY_BITS) + 1, dtype=np.uint64) << np.uint64(
            32 - _DIRECTORY_BITS
        )
        return cls(
            hashes, items, np.searchsorted(hashes, starts), _needed(totals, n_shingles), totals
        )

    def inside(self, forms: pa.LargeStringArray) -> Contained:
        """The item that each text holds most of, where it holds enough; texts in normal form."""
        shingles = shingle_hashes(forms)
        best = np.full(len(forms), -1, dtype=np.int64)
        shares = np.zeros(len(forms), dtype=np.float32)
        _scan(
            shingles.hashes, shingles.bounds, self.hashes, self.items, self.directory, self.needed,
            self.totals, best, shares,
        )  # fmt: skip
        rows = np.flatnonzero(best >= 0)
        return Contained(rows, best[rows], shares[rows])


def _without_templates(hashes: U32, items: U32) -> tuple[U32, U32]:
    """The pairs by hash and item, less those whose hash more than TEMPLATE_ITEMS items hold."""
    order = np.lexsort((items, hashes))
    hashes, items = hashes[order], items[order]
    _, places, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    own = counts[places] <= TEMPLATE_ITEMS
    return hashes[own], items[own]


def _needed(totals: I64, n_shingles: npt.NDArray[np.int32]) -> I64:
    """How many of its `totals` hashes show that an item of `n_shingles` is there; 0 = nothing."""
    most = np.ceil(MIN_CONTAINMENT * totals - 1e-9).astype(np.int64)
    words = np.asarray(n_shingles) + WORDS - 1
    needed = np.where(words < WHOLE_WORDS, totals, most)
    return np.where((words < MIN_WORDS) | (totals < MIN_WORDS - WORDS + 1), 0, needed)


@njit(cache=True)
def _scan(  # type: ignore[no-untyped-def]
    shingles, bounds, hashes, items, directory, needed, totals, best, shares
):
    counts = np.zeros(len(needed), np.int64)
    touched = np.empty(len(needed), np.int64)
    for text in range(len(bounds) - 1):
        n_touched = 0
        for place in range(bounds[text], bounds[text + 1]):
            value = np.uint32(shingles[place] & np.uint64(0xFFFFFFFF))
            entry = value >> np.uint32(32 - _DIRECTORY_BITS)
            low, high = directory[entry], directory[entry + 1]
            posting = low + np.searchsorted(hashes[low:high], value)
            while posting < high and hashes[posting] == value:
                item = items[posting]
                if counts[item] == 0:
                    touched[n_touched] = item
                    n_touched += 1
                counts[item] += 1
                posting += 1
        _choose(text, touched[:n_touched], counts, needed, totals, best, shares)


@njit(cache=True)
def _choose(text, touched, counts, needed, totals, best, shares):  # type: ignore[no-untyped-def]
    """Keep the item with the largest share, the first of equal ones, and clear the counts."""
    for item in touched:
        share = np.float32(counts[item] / totals[item])
        if counts[item] >= needed[item] > 0 and (
            share > shares[text] or (share == shares[text] and item < best[text])
        ):
            best[text], shares[text] = item, share
        counts[item] = 0


def count_short(segment: Segment) -> int:
    """How many items of a segment have fewer than MIN_WORDS words."""
    return int((np.asarray(segment.arrays["n_shingles"]) + WORDS - 1 < MIN_WORDS).sum())
