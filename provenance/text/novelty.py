"""How many of a text's word pairs are new, against pairs that people wrote before machines did.

`rarity` looks at words one by one; a text of common words may still join them as nobody does, and
that end of the distribution goes first when models learn from models (Shumailov et al. 2024,
doi:10.1038/s41586-024-07566-y; Guo et al. 2024, arXiv:2311.09807, count distinct n-grams). The
reference holds pairs that several human sources share; its card, `reference/pairs.en.md`, names
them. Typing errors, names and lists are new pairs too: novelty raises a weight, it never judges.

The reference is a Bloom filter (Bloom 1970, doi:10.1145/362686.362692) of N_BITS bits: a pair in it
is always known, one that is not is taken for known as often as the card says.
"""

# ruff: noqa: PLR0917 (numba compiles no keyword-only parameters)

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from provenance.text.buffers import string_buffers

#: Fewer distinct pairs than this say nothing.
MIN_DISTINCT_PAIRS: Final = 50

#: Pairs of a text that are looked at, from its beginning.
MAX_PAIRS: Final = 1 << 14

N_BITS: Final = 1 << 22
N_PROBES: Final = 6

_REFERENCES: Final = frozenset({"en"})
_SLOTS: Final = 2 * MAX_PAIRS
_MASK64: Final = (1 << 64) - 1
_FNV_OFFSET: Final = 0xCBF29CE484222325
_FNV_PRIME: Final = 0x100000001B3

U64 = NDArray[np.uint64]
U8 = NDArray[np.uint8]


def ngram_novelty(
    normal_forms: pa.LargeStringArray, languages: Sequence[str | None]
) -> NDArray[np.float32]:
    """Share of a text's distinct word pairs that the reference lacks, float32 [n], 0 to 1.

    normal_forms: texts as `normal_form` gives them. Words that hold a digit make no pair. NaN where
    the language has no reference, or the text has fewer than MIN_DISTINCT_PAIRS of the pairs.
    """
    known = np.array([language in _REFERENCES for language in languages], dtype=np.bool_)
    if not known.any():
        return np.full(len(normal_forms), np.nan, dtype=np.float32)
    return novelties(normal_forms, known, reference("en"))


def novelties(
    normal_forms: pa.LargeStringArray, is_asked: NDArray[np.bool_], bits: U8
) -> NDArray[np.float32]:
    """`ngram_novelty` against the filter `bits` of the texts asked about, NaN for the others."""
    novelty = np.full(len(normal_forms), np.nan, dtype=np.float32)
    data, offsets = string_buffers(normal_forms)
    held = np.zeros(_SLOTS, dtype=np.uint64), np.full(_SLOTS, -1, dtype=np.int64)
    _novelties(data, offsets, is_asked, bits, *held, novelty)
    return novelty


def plain_novelty(normal_form: str, bits: U8) -> float:
    """`ngram_novelty` of one text against the filter `bits`, plainly."""
    pairs = set(plain_pairs(normal_form))
    if len(pairs) < MIN_DISTINCT_PAIRS:
        return float("nan")
    return sum(not plain_is_known(pair, bits) for pair in pairs) / len(pairs)


def plain_pairs(normal_form: str) -> Iterator[int]:
    """The hash of each of the first MAX_PAIRS pairs of neighbouring words without a digit."""
    words = [word.encode() for word in normal_form.split(" ")] if normal_form else []
    hashes = [None if _DIGITS & set(word) else _plain_hash(word) for word in words]
    pairs = [(a, b) for a, b in pairwise(hashes) if a is not None]
    taken = [(a, b) for a, b in pairs if b is not None][:MAX_PAIRS]
    return (_plain_mix((a * 3 + b) & _MASK64) for a, b in taken)


def plain_is_known(pair: int, bits: U8) -> bool:
    """Whether the filter holds the pair of this hash, or takes it for one that it holds."""
    step = (pair >> 32) | 1
    places = ((pair + i * step) % N_BITS for i in range(N_PROBES))
    return all(int(bits[place // 8]) >> (place % 8) & 1 for place in places)


def filter_of(pairs: Collection[int] | U64) -> U8:
    """The Bloom filter of the pairs with these hashes: uint8 [N_BITS / 8]."""
    hashes = np.asarray(pairs, dtype=np.uint64)
    is_set = np.zeros(N_BITS, dtype=np.bool_)
    step = (hashes >> np.uint64(32)) | np.uint64(1)
    for i in range(N_PROBES):
        is_set[(hashes + np.uint64(i) * step) % np.uint64(N_BITS)] = True
    return np.packbits(is_set, bitorder="little")


def pair_hashes(normal_form: str) -> U64:
    """What `plain_pairs` gives, compiled: uint64, at most MAX_PAIRS."""
    data = np.frombuffer(normal_form.encode(), dtype=np.uint8)
    hashes = np.empty(MAX_PAIRS, dtype=np.uint64)
    return hashes[: _pairs(data, 0, len(data), hashes)]


@cache
def reference(language: str) -> U8:
    """The filter of the pairs of `language`, uint8 [N_BITS / 8]."""
    held = resources.files("provenance.text") / "reference" / f"pairs.{language}.bloom"
    return np.frombuffer(held.read_bytes(), dtype=np.uint8)


def reference_digest() -> str:
    """SHA-256 of the filters of all languages, in hex."""
    filters = b"".join(reference(language).tobytes() for language in sorted(_REFERENCES))
    return hashlib.sha256(filters).hexdigest()


_DIGITS: Final = frozenset(b"0123456789")


def _plain_hash(word: bytes) -> int:
    """FNV-1a of 64 bits."""
    value = _FNV_OFFSET
    for byte in word:
        value = ((value ^ byte) * _FNV_PRIME) & _MASK64
    return value


def _plain_mix(value: int) -> int:
    """The SplitMix64 finaliser (Steele, Lea & Flood 2014)."""
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK64
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK64
    return value ^ (value >> 31)


@njit(cache=True, nogil=True)
def _mix(value):  # type: ignore[no-untyped-def]
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit(cache=True, nogil=True)
def _pairs(data, start, end, hashes):  # type: ignore[no-untyped-def]
    """The number of pairs in data[start:end], their hashes in `hashes`."""
    n = 0
    before, before_counts = np.uint64(0), False
    value, counts = np.uint64(_FNV_OFFSET), True
    for at in range(start, end + 1):
        byte = data[at] if at < end else np.uint8(0x20)
        if byte != np.uint8(0x20):
            value = (value ^ np.uint64(byte)) * np.uint64(_FNV_PRIME)
            counts = counts and not (np.uint8(0x30) <= byte <= np.uint8(0x39))
            continue
        if before_counts and counts:
            if n == len(hashes):
                break
            hashes[n] = _mix(before * np.uint64(3) + value)
            n += 1
        before, before_counts = value, counts
        value, counts = np.uint64(_FNV_OFFSET), True
    return n


@njit(cache=True, nogil=True)
def _is_known(pair, bits):  # type: ignore[no-untyped-def]
    step = (pair >> np.uint64(32)) | np.uint64(1)
    for i in range(N_PROBES):
        place = (pair + np.uint64(i) * step) % np.uint64(N_BITS)
        if not (bits[place >> np.uint64(3)] >> (place & np.uint64(7))) & np.uint64(1):
            return False
    return True


@njit(cache=True, nogil=True)
def _novelties(data, offsets, is_asked, bits, slots, owners, novelty):  # type: ignore[no-untyped-def]
    """Fill `novelty` where `is_asked`. slots, owners: a hash set; an entry is of text owners[i]."""
    hashes = np.empty(MAX_PAIRS, dtype=np.uint64)
    for text in range(len(is_asked)):
        if not is_asked[text]:
            continue
        distinct, new = 0, 0
        for i in range(_pairs(data, offsets[text], offsets[text + 1], hashes)):
            slot = hashes[i] % np.uint64(_SLOTS)
            while owners[slot] == text and slots[slot] != hashes[i]:
                slot = (slot + np.uint64(1)) % np.uint64(_SLOTS)
            if owners[slot] == text:
                continue
            slots[slot], owners[slot] = hashes[i], text
            distinct += 1
            new += not _is_known(hashes[i], bits)
        if distinct >= MIN_DISTINCT_PAIRS:
            novelty[text] = new / distinct
