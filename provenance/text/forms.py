"""Normal forms of Arrow strings, in one compiled pass over their UTF-8.

`normal` states the rule and has the plain version. What the pass cannot settle character by
character, it leaves to that version, text by text.
"""

# ruff: noqa: PLR0917 (numba compiles no keyword-only parameters)

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from provenance.text.buffers import string_buffers
from provenance.text.characters import EXPANDS, LONGEST_FORM, N_CHARACTERS, SLOW, characters
from provenance.text.normal import ASCII_WORDS, HIDDEN, MARK, SEPARATOR, UNSPACED, normal_form

U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]

_SPACE = np.uint8(0x20)
_U = np.uint64
_ASCII = np.frombuffer(ASCII_WORDS, dtype=np.uint8)


def normal_forms(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """`normal.normal_form` of every text; null where the text is null."""
    data, offsets = string_buffers(texts)
    forms = np.empty(len(data) + len(data) // 2 + LONGEST_FORM, dtype=np.uint8)
    bounds = np.empty(len(offsets), dtype=np.int64)
    is_slow = np.zeros(len(texts), dtype=np.bool_)
    table = characters()
    _form_texts(
        data, offsets, _ASCII,
        (table.kinds, table.targets, table.classes, table.composes, table.is_composed,
         table.expansions),
        forms, bounds, is_slow,
    )  # fmt: skip
    found = pa.LargeStringArray.from_buffers(len(texts), pa.py_buffer(bounds), pa.py_buffer(forms))
    if is_slow.any():
        mask = pa.array(is_slow)
        slow = [normal_form(text) for text in texts.filter(mask).to_pylist()]
        found = pc.replace_with_mask(found, mask, pa.array(slow, pa.large_string()))
    return pc.if_else(texts.is_valid(), found, None) if texts.null_count else found


@njit(cache=True)
def _form_texts(data, offsets, ascii_words, table, forms, bounds, is_slow):  # type: ignore[no-untyped-def]
    """Write the form of text i to `forms[bounds[i]:bounds[i + 1]]`; nothing where it is slow."""
    bounds[0] = 0
    for text in range(len(offsets) - 1):
        end = _form(data, offsets[text], offsets[text + 1], ascii_words, table, forms, bounds[text])
        is_slow[text] = end < 0
        bounds[text + 1] = bounds[text] if end < 0 else end


@njit(cache=True)
def _form(data, at, stop, ascii_words, table, forms, begin):  # type: ignore[no-untyped-def]
    """Write the form of `data[at:stop]` to `forms[begin:]`; where it ends, or -1 when it is slow.

    Every word is followed by a space, the last one too until the end. end: where the next byte
    goes. gap: the last byte is such a space, or none was written. after: 1 past the space of an
    unspaced character, where a mark takes the space's place.
    """
    kinds, targets, classes, composes, is_composed, expansions = table
    end, gap, after = begin, True, -1
    starter, combining_class = np.int64(0), 0
    while at < stop:
        if data[at] < 0x80:
            end, at, gap = _form_ascii(data, at, stop, ascii_words, forms, end, gap)
            starter, combining_class, after = np.int64(data[at - 1]), 0, -1
            continue
        code, at = _decode(data, at, stop)
        if code < 0 or len(forms) - end < LONGEST_FORM + len(data) - at:
            return -1
        kind = kinds[code]
        if kind == SLOW or (composes[code] and is_composed[starter]):
            return -1
        if kind == HIDDEN:
            continue
        if 0 < classes[code] < combining_class and kind != EXPANDS:
            return -1
        if classes[code] == 0 or kind == EXPANDS:
            starter = code
        combining_class = classes[code]
        target = np.int64(targets[code])
        if kind != EXPANDS:
            end, gap, after = _put(target, kind, forms, end, gap, after)
            continue
        for place in range(target + 1, target + 1 + expansions[target]):
            one = np.int64(expansions[place])
            end, gap, after = _put(one, kinds[one], forms, end, gap, after)
    return end - (gap and end > begin)


@njit(cache=True)
def _form_ascii(data, at, stop, ascii_words, forms, end, gap):  # type: ignore[no-untyped-def]
    """`_form` of the ASCII bytes from `at`; where the output and the input stand then, and `gap`.

    Unsigned places take half the time: numba need not ask whether they count from the end.
    """
    place, last, into = _U(at), _U(stop), _U(end)
    is_gap = _U(gap)
    while place < last and data[place] < 0x80:
        byte = ascii_words[data[place]]
        forms[into] = byte
        was_gap = is_gap
        is_gap = _U(byte == _SPACE)
        into += _U(1) - (was_gap & is_gap)
        place += _U(1)
    return np.int64(into), np.int64(place), is_gap == _U(1)


@njit(cache=True)
def _decode(data, at, stop):  # type: ignore[no-untyped-def]
    """The code point whose UTF-8 begins at `at` with a byte above ASCII, and where the next begins.

    -1 instead of a code point when that is no UTF-8, or a character beyond the table.
    """
    lead = np.int64(data[at])
    n_more = 1 + (lead >= 0xE0) + (lead >= 0xF0)
    code = lead & (0x3F >> n_more)
    if lead < 0xC2 or lead > 0xF0 or at + n_more >= stop:
        return -1, at
    for place in range(at + 1, at + 1 + n_more):
        if data[place] & 0xC0 != 0x80:
            return -1, at
        code = code << 6 | (data[place] & 0x3F)
    return (code if code < N_CHARACTERS else -1), at + 1 + n_more


@njit(cache=True)
def _put(code, kind, forms, end, gap, after):  # type: ignore[no-untyped-def]
    """Write one character of a form; `end`, `gap` and `after` of `_form` then."""
    if kind == MARK and after == end:
        end = _encode(code, forms, end - 1)
        forms[end] = _SPACE
        return end + 1, True, end + 1
    if kind == SEPARATOR or (kind == UNSPACED and not gap):
        forms[end] = _SPACE
        end += not gap
        gap = True
    if kind == SEPARATOR:
        return end, gap, -1
    end = _encode(code, forms, end)
    if kind == UNSPACED:
        forms[end] = _SPACE
        return end + 1, True, end + 1
    return end, False, -1


@njit(cache=True)
def _encode(code, forms, end):  # type: ignore[no-untyped-def]
    """Write the UTF-8 of a code point of planes 0 and 1; where it ends."""
    if code < 0x80:
        forms[end] = code
        return end + 1
    if code < 0x800:
        forms[end] = 0xC0 | code >> 6
        forms[end + 1] = 0x80 | (code & 0x3F)
        return end + 2
    if code < 0x10000:
        forms[end] = 0xE0 | code >> 12
        forms[end + 1] = 0x80 | (code >> 6 & 0x3F)
        forms[end + 2] = 0x80 | (code & 0x3F)
        return end + 3
    forms[end] = 0xF0 | code >> 18
    forms[end + 1] = 0x80 | (code >> 12 & 0x3F)
    forms[end + 2] = 0x80 | (code >> 6 & 0x3F)
    forms[end + 3] = 0x80 | (code & 0x3F)
    return end + 4
