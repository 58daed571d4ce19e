"""The quality statistics of texts, compiled, over code points; the plain twin is in the tests."""

from __future__ import annotations

import numpy as np
from numba import njit

from provenance.text.quality.c4 import measure_c4
from provenance.text.quality.fineweb import measure_fineweb
from provenance.text.quality.gopher import (
    measure_duplicates,
    measure_lines,
    measure_ngrams,
    measure_words,
)  # fmt: skip
from provenance.text.quality.segments import BASE, prefix_sums, words


@njit(cache=True)
def measure_texts(data, bounds, table, rows):  # type: ignore[no-untyped-def]
    """Fill `rows` [n, 29] with the statistics of the n texts between `bounds` in `data`."""
    for text in range(len(rows)):
        raw = data[bounds[text] : bounds[text + 1]]
        codes = np.empty(len(raw), dtype=np.int32)
        n = decode(raw, codes)
        _measure(codes[:n], table, rows[text])


@njit(cache=True)
def decode(raw, codes):  # type: ignore[no-untyped-def]
    """The code points of valid UTF-8 into `codes`; how many."""
    place, n = 0, 0
    while place < len(raw):
        lead = np.int32(raw[place])
        if lead < 0x80:
            code, width = lead, 1
        elif lead < 0xE0:
            code, width = lead & 0x1F, 2
        elif lead < 0xF0:
            code, width = lead & 0x0F, 3
        else:
            code, width = lead & 0x07, 4
        for follower in range(place + 1, place + width):
            code = (code << 6) | (np.int32(raw[follower]) & 0x3F)
        codes[n] = code
        n += 1
        place += width
    return n


@njit(cache=True)
def _measure(codes, table, row):  # type: ignore[no-untyped-def]
    classes = table[codes]
    starts, ends = words(classes)
    if len(starts) == 0:
        return
    powers = np.empty(len(codes) + 1, dtype=np.uint64)
    powers[0] = 1
    for i in range(len(codes)):
        powers[i + 1] = powers[i] * BASE
    sums = prefix_sums(codes)
    measure_words(codes, classes, starts, ends, row[0:8])
    measure_lines(codes, classes, row[4:6])
    measure_duplicates(codes, classes, sums, powers, row[8:12])
    measure_ngrams(codes, starts, ends, sums, powers, row[12:21])
    measure_c4(codes, classes, row[21:25])
    measure_fineweb(codes, classes, sums, powers, row[25:29])
    row[28] /= len(starts)
