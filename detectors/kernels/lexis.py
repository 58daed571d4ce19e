"""Tails, rhythm and single words of a text, compiled.

Names and definitions: `detectors.stylometry.tails` and `rhythm`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detectors.kernels.style import (
    is_sentence_end,
    n_characters,
    sentence_lengths,
)
from detectors.kernels.tables import Counts, Hashes, Table, look_up, table, table_of_lines
from detectors.kernels.tokens import WORD, Bytes, Tokens, token_hash
from detectors.kernels.variety import measure_variety
from detectors.stylometry import rhythm, tails
from detectors.stylometry.features import FUNCTION_WORDS
from detectors.stylometry.rhythm import (
    CONNECTIVES,
    CONTRACTIONS,
    ENDINGS,
    LONG_SENTENCE,
    OPENING_ARTICLES,
    OPENING_CONJUNCTIONS,
    OPENING_POINTERS,
    OPENING_PRONOUNS,
    RHYTHM,
    SHORT_SENTENCE,
    SINGLE_WORDS,
    STEM,
)
from detectors.stylometry.tails import MIDDLE_ZIPF, RARE_ZIPF, TAILS
from detectors.stylometry.variety import VARIETY

Row: TypeAlias = NDArray[np.float64]

N_VARIETY: Final = len(VARIETY)
N_TAILS: Final = len(TAILS)
N_RHYTHM: Final = len(RHYTHM)
N_WORDS: Final = len(SINGLE_WORDS)
N_LEXIS: Final = N_VARIETY + N_TAILS + N_RHYTHM + N_WORDS


class Words(NamedTuple):
    """A document's words: hashes uint64, and the bounds of their bytes, int64; [n] each."""

    hashes: Hashes
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


class Text(NamedTuple):
    """A document taken apart: its bytes, and its tokens."""

    data: Bytes
    tokens: Tokens
    n_tokens: int


class Suffixes(NamedTuple):
    """Word endings, end to end as uint8, their bounds, and the last byte of each.

    stem: characters before one at least.
    """

    data: Bytes
    bounds: NDArray[np.int64]
    lasts: Bytes
    stem: int


class Language(NamedTuple):
    """A language's words as tables. zipf: word -> Zipf value; excess: words in excess."""

    zipf: Table
    excess: Table


@cache
def language_tables(language: str) -> Language:
    """The tables of `tails.Vocabulary.of`, without its dictionary: 0.1 s a process."""
    excess = sorted(tails.excess_words(language))
    return Language(
        table_of_lines(*tails.listed_forms(language)), table(excess, [1.0] * len(excess))
    )


def _suffixes(endings: Sequence[bytes], *, stem: int) -> Suffixes:
    bounds = np.zeros(len(endings) + 1, np.int64)
    np.cumsum([len(ending) for ending in endings], out=bounds[1:])
    data = np.frombuffer(b"".join(endings), np.uint8)
    return Suffixes(data, bounds, data[bounds[1:] - 1], stem)


_FUNCTION: Final = table(FUNCTION_WORDS, np.arange(len(FUNCTION_WORDS), dtype=np.float32))
_OPENINGS: Final = (OPENING_CONJUNCTIONS, OPENING_PRONOUNS, OPENING_POINTERS, OPENING_ARTICLES)
_OPENING: Final = table(
    [form for forms in _OPENINGS for form in forms],
    [float(k) for k, forms in enumerate(_OPENINGS) for _ in forms],
)
_CONNECTIVE: Final = table(CONNECTIVES, [1.0] * len(CONNECTIVES))
_ENDINGS: Final = _suffixes(ENDINGS, stem=STEM)
_CONTRACTIONS: Final = _suffixes(CONTRACTIONS, stem=1)
_NUMBER: Final = np.uint64(token_hash(np.frombuffer(tails.NUMBER, np.uint8), 0, 1))
_STOP, _SLASH = (
    np.uint64(token_hash(np.frombuffer(mark, np.uint8), 0, 1)) for mark in (b".", b"/")
)
_N_RATES: Final = len(rhythm.RHYTHM) - len(ENDINGS)


@njit(cache=True, nogil=True)
def zipf_of(data: Bytes, words: Words, k: int, known: Table) -> float:
    """Zipf value of word k, or of what its possessive is of; -1 where it is not listed."""
    value = look_up(known, words.hashes[k])
    start, end = words.starts[k], words.ends[k]
    if value < 0.0 and end - start > 2 and data[end - 2] == 39 and data[end - 1] == 115:  # 's
        return look_up(known, token_hash(data, start, end - 2))
    return value


@njit(cache=True, nogil=True)
def measure_tails(data: Bytes, words: Words, n: int, language: Language, row: Row) -> None:
    """The features of `tails.TAILS` -> row[0:7]; the variance is centred."""
    values = np.empty(n)
    n_known, n_content = 0, 0
    for k in range(n):
        row[6] += look_up(language.excess, words.hashes[k]) > 0.0
        if words.hashes[k] == _NUMBER:
            continue
        value = zipf_of(data, words, k, language.zipf)
        if value < 0.0:
            row[5] += 1
            continue
        values[n_known] = value
        n_known += 1
        row[0] += value
        row[3] += value < MIDDLE_ZIPF
        row[4] += value < RARE_ZIPF
        if look_up(_FUNCTION, words.hashes[k]) < 0.0:
            row[2] += value
            n_content += 1
    row[0] /= max(1, n_known)
    row[2] /= max(1, n_content)
    for k in range(3, 7):
        row[k] /= n
    for k in range(n_known):
        row[1] += (values[k] - row[0]) ** 2
    row[1] = np.sqrt(row[1] / max(1, n_known))


@njit(cache=True, nogil=True)
def measure_sentences(tokens: Tokens, count: int, lengths: NDArray[np.int64], row: Row) -> None:
    """Steps, short and long sentences -> row[0:3]."""
    n = sentence_lengths(tokens, count, lengths)
    n_words = 0
    for i in range(n):
        n_words += lengths[i]
        row[1] += lengths[i] <= SHORT_SENTENCE
        row[2] += lengths[i] >= LONG_SENTENCE
        if i:
            row[0] += abs(lengths[i] - lengths[i - 1])
    row[0] = row[0] / (n - 1) * n / n_words if n > 1 else 0.0
    row[1] /= n
    row[2] /= n


@njit(cache=True, nogil=True)
def measure_openings(tokens: Tokens, count: int, row: Row) -> None:
    """Words that open sentences, by kind -> row[3:8]."""
    n = 0
    is_open = True
    for i in range(count):
        if tokens.kinds[i] == WORD and is_open:
            kind = look_up(_OPENING, tokens.hashes[i])
            if kind >= 0.0:
                row[3 + int(kind)] += 1
            row[7] += look_up(_CONNECTIVE, tokens.hashes[i]) > 0.0
            n += 1
            is_open = False
        elif is_sentence_end(tokens, i):
            is_open = True
    for k in range(3, 8):
        row[k] /= n


@njit(cache=True, nogil=True)
def ends_with(data: Bytes, start: int, end: int, suffixes: Suffixes, k: int) -> bool:
    """Whether the word data[start:end] ends in suffix k, with enough characters before it."""
    low, size = suffixes.bounds[k], suffixes.bounds[k + 1] - suffixes.bounds[k]
    if end - start < size + suffixes.stem:
        return False
    for at in range(size):
        if data[end - size + at] != suffixes.data[low + at]:
            return False
    return n_characters(data, start, end) >= size + suffixes.stem


@njit(cache=True, nogil=True)
def measure_forms(data: Bytes, words: Words, n: int, row: Row) -> None:
    """Connectives, contractions -> row[8:10]; endings -> row[12:]."""
    for i in range(n):
        start, end = words.starts[i], words.ends[i]
        last = data[end - 1]  # tells most words from most endings
        row[8] += look_up(_CONNECTIVE, words.hashes[i]) > 0.0
        for k in range(len(_CONTRACTIONS.lasts)):
            if last == _CONTRACTIONS.lasts[k] and ends_with(data, start, end, _CONTRACTIONS, k):
                row[9] += 1
                break
        for k in range(len(_ENDINGS.lasts)):
            if last == _ENDINGS.lasts[k]:
                row[_N_RATES + k] += ends_with(data, start, end, _ENDINGS, k)
    row[8] /= n
    row[9] /= n
    for k in range(_N_RATES, N_RHYTHM):
        row[k] /= n


@njit(cache=True, nogil=True)
def measure_rhythm(text: Text, words: Words, n: int, row: Row) -> None:
    """The features of `rhythm.RHYTHM` -> row. `words.starts` is destroyed."""
    measure_forms(text.data, words, n, row)
    measure_openings(text.tokens, text.n_tokens, row)
    measure_sentences(text.tokens, text.n_tokens, words.starts, row)
    for i in range(text.n_tokens):
        row[10] += text.tokens.hashes[i] == _STOP
        row[11] += text.tokens.hashes[i] == _SLASH
    row[10] /= n
    row[11] /= n


@njit(cache=True, nogil=True)
def take_words(tokens: Tokens, count: int, words: Words) -> int:
    """Number of words, which are written to `words`."""
    n = 0
    for i in range(count):
        if tokens.kinds[i] == WORD:
            words.hashes[n] = tokens.hashes[i]
            words.starts[n] = tokens.starts[i]
            words.ends[n] = tokens.ends[i]
            n += 1
    return n


@njit(cache=True, nogil=True)
def measure_lexis(text: Text, language: Language, words: Words, counts: Counts, row: Row) -> int:
    """Number of words; the features are written to `row`, float64 [N_LEXIS], zero if no word.

    words: scratch for `text.n_tokens` words. counts: scratch for as many keys.
    """
    row[:] = 0.0
    n = take_words(text.tokens, text.n_tokens, words)
    if n == 0:
        return 0
    at = N_VARIETY
    measure_variety(words.hashes, n, counts, row[:at])
    measure_tails(text.data, words, n, language, row[at : at + N_TAILS])
    at += N_TAILS
    singles = row[at + N_RHYTHM :]
    for k in range(n):
        index = look_up(_FUNCTION, words.hashes[k])
        if index >= 0.0:
            singles[int(index)] += 1.0 / n
    measure_rhythm(text, words, n, row[at : at + N_RHYTHM])
    return n
