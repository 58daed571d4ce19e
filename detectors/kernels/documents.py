"""Many documents at once: features of each, or a linear model's score of each."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detectors.kernels.ngrams import (
    N_BUCKETS,
    WORD_SIZES,
    Buckets,
    Floats,
    Tally,
    count_characters,
    count_words,
    log_table,
    take_weights,
)
from detectors.kernels.style import N_FEATURES, measure_style
from detectors.kernels.tokens import Bytes, Tokens, empty_tokens, spaced_form, tokenize

LIMIT_BYTES: Final = 8192  # of a document that are read; bounds time, memory and every count


class Scratch(NamedTuple):
    """Memory that documents are taken apart in. One thread at a time."""

    tokens: Tokens
    words: NDArray[np.uint64]
    form: Bytes
    tally: Tally
    weights: Floats
    log_table: Floats


class Features(NamedTuple):
    """Features of a batch: rows of n-gram weights in CSR form, and the named features of style.

    buckets: int32 [nnz], weights: float32 [nnz], bounds: int64 [n + 1]; style: float64
    [n, N_FEATURES]; n_words: int32 [n].
    """

    buckets: Buckets
    weights: Floats
    bounds: NDArray[np.int64]
    style: NDArray[np.float64]
    n_words: NDArray[np.int32]


class Scores(NamedTuple):
    """Room for a batch's outcome. values: logits, float32 [n]; n_words: int32 [n]."""

    values: Floats
    n_words: NDArray[np.int32]


class Model(NamedTuple):
    """A linear model. buckets: float32 [N_BUCKETS]; style, style_mean, style_scale: float64."""

    buckets: Floats
    style: NDArray[np.float64]
    style_mean: NDArray[np.float64]
    style_scale: NDArray[np.float64]
    bias: float


def new_scratch() -> Scratch:
    """Fresh scratch memory, about 1 MB."""
    places = (len(WORD_SIZES) + 2) * LIMIT_BYTES + 2
    return Scratch(
        empty_tokens(LIMIT_BYTES),
        np.empty(LIMIT_BYTES, np.uint64),
        np.empty(2 * LIMIT_BYTES + 2, np.uint8),
        Tally(np.zeros(N_BUCKETS, np.uint16), np.empty(places, np.int32)),
        np.empty(places, np.float32),
        log_table(2 * len(WORD_SIZES) * LIMIT_BYTES + 2),
    )


@njit(cache=True, nogil=True)
def take_apart(data: Bytes, begin: int, end: int, scratch: Scratch) -> tuple[int, int]:
    """Tokens and distinct n-grams of data[begin:end]; the n-grams' weights are left in scratch."""
    count = tokenize(data, begin, end, scratch.tokens)
    n_words = 0
    for size in WORD_SIZES:
        n_words = count_words(scratch.tokens.hashes, count, size, scratch.tally, n_words)
    take_weights(scratch.tally, n_words, scratch.log_table, scratch.weights)
    length = spaced_form(data, scratch.tokens, count, scratch.form)
    rest = Tally(scratch.tally.counts, scratch.tally.touched[n_words:])
    n_characters = count_characters(scratch.form, length, rest)
    take_weights(rest, n_characters, scratch.log_table, scratch.weights[n_words:])
    return count, n_words + n_characters


@njit(cache=True, nogil=True)
def style_score(row: NDArray[np.float64], model: Model) -> float:
    """The named features' part of the logit; a feature counts for at most four deviations."""
    total = 0.0
    for k in range(N_FEATURES):
        z = (row[k] - model.style_mean[k]) / model.style_scale[k]
        total += model.style[k] * min(4.0, max(-4.0, z))
    return total


@njit(cache=True, nogil=True)
def score_documents(
    data: Bytes, bounds: NDArray[np.int64], model: Model, scratch: Scratch, out: Scores
) -> None:
    """Write each document's logit and number of words. data: uint8, bounds: int64 [n + 1]."""
    row = np.empty(N_FEATURES, np.float64)
    for i in range(len(bounds) - 1):
        count, n_grams = take_apart(data, bounds[i], bounds[i + 1], scratch)
        total = model.bias
        for k in range(n_grams):
            total += model.buckets[scratch.tally.touched[k]] * scratch.weights[k]
        out.n_words[i] = measure_style(data, scratch.tokens, count, scratch.words, row)
        out.values[i] = total + style_score(row, model)


@njit(cache=True, nogil=True)
def _document_features(
    data: Bytes, begin: int, end: int, scratch: Scratch, row: NDArray[np.float64]
) -> tuple[int, int]:
    count, n_grams = take_apart(data, begin, end, scratch)
    return n_grams, measure_style(data, scratch.tokens, count, scratch.words, row)


def features(data: Bytes, bounds: NDArray[np.int64], scratch: Scratch) -> Features:
    """The features of each document data[bounds[i]:bounds[i + 1]], as the model sees them."""
    n = len(bounds) - 1
    style = np.zeros((n, N_FEATURES))
    n_words = np.zeros(n, np.int32)
    buckets, weights, ends = [], [], np.zeros(n + 1, np.int64)
    for i in range(n):
        n_grams, n_words[i] = _document_features(data, bounds[i], bounds[i + 1], scratch, style[i])
        buckets.append(scratch.tally.touched[:n_grams].copy())
        weights.append(scratch.weights[:n_grams].copy())
        ends[i + 1] = ends[i] + n_grams
    return Features(np.concatenate(buckets), np.concatenate(weights), ends, style, n_words)
