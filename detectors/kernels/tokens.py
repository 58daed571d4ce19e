"""UTF-8 bytes of a scored form -> tokens as arrays. Compiled; the plain twin is `reference.py`.

A token is a run of letters, digits, inner apostrophes and non-ASCII characters (a word), one
character of a script written without spaces (a word of its own), or a run of one ASCII punctuation
mark, read as one mark: "--", "-" and "---" are the same token. All quotes are one mark, and the
marks of Markdown and HTML are spaces, so that formatting is no token.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes: TypeAlias = NDArray[np.uint8]

WORD: Final = 0
MARK: Final = 1

_SPACE, _LETTER, _DIGIT, _QUOTE, _MARK, _MULTIBYTE = range(6)
_SPACES = b" *#_|<>~^=\\`" + bytes(range(32)) + b"\x7f"
_FNV_OFFSET = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)


class Tokens(NamedTuple):
    """Tokens of one document; the first `count` places of each array are in use.

    starts, ends: int64, byte bounds. kinds: uint8, WORD or MARK. hashes: uint64.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    kinds: Bytes
    hashes: NDArray[np.uint64]


def _byte_classes() -> Bytes:
    classes = np.full(256, _MARK, np.uint8)
    classes[list(_SPACES)] = _SPACE
    classes[ord("a") : ord("z") + 1] = _LETTER
    classes[ord("A") : ord("Z") + 1] = _LETTER
    classes[ord("0") : ord("9") + 1] = _DIGIT
    classes[list(b"'\"")] = _QUOTE
    classes[128:] = _MULTIBYTE
    return classes


BYTE_CLASS: Final = _byte_classes()


def empty_tokens(capacity: int) -> Tokens:
    """Room for the tokens of a document of `capacity` bytes."""
    return Tokens(
        np.empty(capacity, np.int64),
        np.empty(capacity, np.int64),
        np.empty(capacity, np.uint8),
        np.empty(capacity, np.uint64),
    )


@njit(cache=True, nogil=True)
def mix(key: np.uint64) -> np.uint64:
    """`key` scattered over 64 bits: the finaliser of MurmurHash3 (Appleby, public domain)."""
    key ^= key >> np.uint64(33)
    key *= np.uint64(0xFF51AFD7ED558CCD)
    key ^= key >> np.uint64(33)
    key *= np.uint64(0xC4CEB9FE1A85EC53)
    return key ^ (key >> np.uint64(33))


@njit(cache=True, nogil=True)
def unspaced_length(data: Bytes, at: int, end: int) -> int:
    """Bytes of the character at `at` if its script is written without spaces, else 0.

    Judged by lead bytes: Thai and Lao (E0 B8-BB), Myanmar (E1 80-82), Khmer (E1 9E-9F), kana and
    Han of the basic plane (E3-E9), Han of the supplementary planes (F0 A0-B3).
    """
    lead = data[at]
    if lead < 0xE0 or at + 2 >= end:
        return 0
    second = data[at + 1]
    if 0xE3 <= lead <= 0xE9:
        return 3
    if lead == 0xE0 and 0xB8 <= second <= 0xBB:
        return 3
    if lead == 0xE1 and (0x80 <= second <= 0x82 or 0x9E <= second <= 0x9F):
        return 3
    return 4 if lead == 0xF0 and 0xA0 <= second <= 0xB3 and at + 3 < end else 0


@njit(cache=True, nogil=True)
def word_end(data: Bytes, at: int, end: int) -> int:
    """Where the word that holds `at` ends. A quote is part of a word only before a letter."""
    while at < end:
        kind = BYTE_CLASS[data[at]]
        if kind == _MULTIBYTE:
            if unspaced_length(data, at, end):
                break
        elif kind == _QUOTE:
            if at + 1 >= end or data[at] != 39 or BYTE_CLASS[data[at + 1]] != _LETTER:
                break
        elif kind not in (_LETTER, _DIGIT):
            break
        at += 1
    return at


@njit(cache=True, nogil=True)
def token_end(data: Bytes, at: int, end: int) -> int:
    """Where the token that begins at `at` (no space) ends."""
    kind = BYTE_CLASS[data[at]]
    if kind in (_MARK, _QUOTE):
        first = at
        while at < end and (data[at] == data[first] or (kind == _QUOTE == BYTE_CLASS[data[at]])):
            at += 1
        return at
    length = unspaced_length(data, at, end) if kind == _MULTIBYTE else 0
    return at + length if length else word_end(data, at, end)


@njit(cache=True, nogil=True)
def canonical_byte(data: Bytes, at: int, begin: int) -> int:
    """The byte at `at` as it is hashed, or -1 to skip it, in a token that begins at `begin`.

    A run of digits is one '0', a run of marks one mark, a quote an apostrophe.
    """
    kind = BYTE_CLASS[data[at]]
    if kind == _DIGIT:
        return -1 if at > begin and BYTE_CLASS[data[at - 1]] == _DIGIT else 48
    if at > begin and (BYTE_CLASS[data[begin]] == _MARK or BYTE_CLASS[data[begin]] == _QUOTE):
        return -1
    return 39 if kind == _QUOTE else int(data[at])


@njit(cache=True, nogil=True)
def token_hash(data: Bytes, begin: int, end: int) -> np.uint64:
    """FNV-1a over the canonical bytes, 64 bits."""
    key = _FNV_OFFSET
    for at in range(begin, end):
        byte = canonical_byte(data, at, begin)
        if byte >= 0:
            key = (key ^ np.uint64(byte)) * _FNV_PRIME
    return key


@njit(cache=True, nogil=True)
def tokenize(data: Bytes, begin: int, end: int, tokens: Tokens) -> int:
    """Number of tokens of data[begin:end], which are written to `tokens`."""
    count = 0
    at = begin
    while at < end:
        kind = BYTE_CLASS[data[at]]
        if kind == _SPACE:
            at += 1
            continue
        stop = token_end(data, at, end)
        tokens.starts[count] = at
        tokens.ends[count] = stop
        tokens.kinds[count] = MARK if kind in (_MARK, _QUOTE) else WORD
        tokens.hashes[count] = token_hash(data, at, stop)
        count += 1
        at = stop
    return count


@njit(cache=True, nogil=True)
def spaced_form(data: Bytes, tokens: Tokens, count: int, form: Bytes) -> int:
    """Length of the canonical bytes of all tokens, one space around each, written to `form`."""
    form[0] = 32
    length = 1
    for i in range(count):
        for at in range(tokens.starts[i], tokens.ends[i]):
            byte = canonical_byte(data, at, tokens.starts[i])
            if byte >= 0:
                form[length] = byte
                length += 1
        form[length] = 32
        length += 1
    return length
