"""Stylometric profiles of many documents, compiled. Names: `detectors.stylometry.profile`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detectors.classifier.linear import scored_bytes
from detectors.kernels.documents import LIMIT_BYTES
from detectors.kernels.lexis import N_LEXIS, Language, Text, Words, language_tables, measure_lexis
from detectors.kernels.style import N_FEATURES, measure_style
from detectors.kernels.tables import Counts, new_counts
from detectors.kernels.tokens import Bytes, Tokens, empty_tokens, tokenize

N_PROFILE: Final = N_FEATURES + N_LEXIS


class Scratch(NamedTuple):
    """Memory that documents are measured in. One thread at a time."""

    tokens: Tokens
    words: Words
    counts: Counts


class Profiles(NamedTuple):
    """Features of a batch. values: float64 [n, N_PROFILE]; n_words: int32 [n]."""

    values: NDArray[np.float64]
    n_words: NDArray[np.int32]


def new_scratch() -> Scratch:
    """Fresh scratch memory, about 1 MB."""
    hashes = np.empty(LIMIT_BYTES, np.uint64)
    words = Words(hashes, np.empty(LIMIT_BYTES, np.int64), np.empty(LIMIT_BYTES, np.int64))
    return Scratch(empty_tokens(LIMIT_BYTES), words, new_counts(LIMIT_BYTES))


@njit(cache=True, nogil=True)
def style_profiles(
    data: Bytes, bounds: NDArray[np.int64], language: Language, scratch: Scratch, out: Profiles
) -> None:
    """Write each document's features and its number of words.

    data: scored forms of at most LIMIT_BYTES each, end to end; bounds: int64 [n + 1].
    """
    for i in range(len(bounds) - 1):
        count = tokenize(data, bounds[i], bounds[i + 1], scratch.tokens)
        text = Text(data, scratch.tokens, count)
        row = out.values[i]
        out.n_words[i] = measure_lexis(
            text, language, scratch.words, scratch.counts, row[N_FEATURES:]
        )
        measure_style(data, scratch.tokens, count, scratch.words.hashes, row[:N_FEATURES])


def profiles(texts: Sequence[str], *, language: str = "en") -> Profiles:
    """The stylometric profile of each text; what is read of one ends at LIMIT_BYTES."""
    data, bounds = scored_bytes(texts)
    out = Profiles(np.zeros((len(texts), N_PROFILE)), np.zeros(len(texts), np.int32))
    style_profiles(data, bounds, language_tables(language), new_scratch(), out)
    return out
