"""The quality statistics, compiled, over code points; the plain twin is in the tests.

Segments of a text are compared by a polynomial hash modulo 2**64, read from sums over its
prefixes in constant time. Texts can be built to collide in it (Thue-Morse words); such a text
spoils no statistics but its own.
"""

# ruff: noqa: PLR0917 (numba compiles no keyword-only parameters)

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from provenance.text.quality.characters import ALPHABETIC, LINE_BREAK, SPACE, SYMBOL, TERMINAL

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_LF: Final = 10
_ELLIPSIS: Final = 0x2026
_BULLET: Final = 0x2022

_STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
_POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies",
           "use cookies")  # fmt: skip

_LONGEST_PHRASE: Final = 16  # a zero ends each phrase


def _phrases(texts: tuple[str, ...]) -> npt.NDArray[np.int32]:
    """The texts as rows of code points, zeros after their ends."""
    rows = np.zeros((len(texts), _LONGEST_PHRASE), dtype=np.int32)
    for row, text in zip(rows, texts, strict=True):
        row[: len(text)] = [ord(character) for character in text]
    return rows


_STOP_PHRASES = _phrases(_STOP_WORDS)
_POLICY_PHRASES = _phrases(_POLICY)
_LOREM_PHRASES = _phrases(("lorem ipsum",))
_SCRIPT_PHRASES = _phrases(("javascript",))
_EDIT = np.array([ord(c) for c in "[edit]"], dtype=np.int32)
_CITATION_NEEDED = np.array([ord(c) for c in "[citation needed]"], dtype=np.int32)


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
        powers[i + 1] = powers[i] * _BASE
    sums = prefix_sums(codes)
    measure_words(codes, classes, starts, ends, row[0:8])
    measure_lines(codes, classes, row[4:6])
    measure_duplicates(codes, classes, sums, powers, row[8:12])
    measure_ngrams(codes, starts, ends, sums, powers, row[12:21])
    measure_c4(codes, classes, row[21:25])
    measure_fineweb(codes, classes, sums, powers, row[25:29])
    row[28] /= len(starts)


@njit(cache=True)
def words(classes):  # type: ignore[no-untyped-def]
    """Bounds of the runs without a space."""
    starts = np.empty(len(classes) // 2 + 1, dtype=np.int64)
    ends = np.empty(len(classes) // 2 + 1, dtype=np.int64)
    n, inside = 0, False
    for place in range(len(classes)):
        space = classes[place] & SPACE
        if space and inside:
            ends[n] = place
            n += 1
            inside = False
        elif not space and not inside:
            starts[n] = place
            inside = True
    if inside:
        ends[n] = len(classes)
        n += 1
    return starts[:n], ends[:n]


# -- hashes of segments -----------------------------------------------------------------------


@njit(cache=True)
def prefix_sums(codes):  # type: ignore[no-untyped-def]
    sums = np.empty(len(codes) + 1, dtype=np.uint64)
    sums[0] = 0
    for i in range(len(codes)):
        sums[i + 1] = sums[i] * _BASE + np.uint64(codes[i] + 1)
    return sums


@njit(cache=True, inline="always")
def segment(sums, powers, start, end):  # type: ignore[no-untyped-def]
    """Hash of a segment: never 0, which marks an empty place of a set."""
    value = (sums[end] - sums[start] * powers[end - start]) * _MIX
    value ^= value >> np.uint64(29)
    return value | np.uint64(1)


@njit(cache=True)
def table_size(n):  # type: ignore[no-untyped-def]
    """A power of two that leaves a set of `n` values at most half full."""
    size = 16
    while size < 2 * n:
        size *= 2
    return size


@njit(cache=True, inline="always")
def claim(keys, key):  # type: ignore[no-untyped-def]
    """The place of `key` in the set, where it stands or belongs."""
    mask = np.uint64(len(keys) - 1)
    place = (key >> np.uint64(20)) & mask
    while keys[place] != 0 and keys[place] != key:
        place = (place + np.uint64(1)) & mask
    return place


@njit(cache=True)
def duplicates(starts, ends, sums, powers):  # type: ignore[no-untyped-def]
    """How many segments came before, and the characters in them."""
    keys = np.zeros(table_size(len(starts)), dtype=np.uint64)
    elements, characters = 0, 0
    for i in range(len(starts)):
        key = segment(sums, powers, starts[i], ends[i])
        place = claim(keys, key)
        if keys[place] == key:
            elements += 1
            characters += ends[i] - starts[i]
        keys[place] = key
    return elements, characters


# -- segments ---------------------------------------------------------------------------------


@njit(cache=True)
def split_at_runs(codes, start, end, shortest):  # type: ignore[no-untyped-def]
    """Bounds of what stands between runs of at least `shortest` line feeds, empty ends included."""
    starts = np.empty((end - start) // shortest + 2, dtype=np.int64)
    ends = np.empty((end - start) // shortest + 2, dtype=np.int64)
    starts[0], n, place = start, 0, start
    while place < end:
        run = place
        while run < end and codes[run] == _LF:
            run += 1
        if run - place >= shortest:
            ends[n] = place
            n += 1
            starts[n] = run
        place = max(run, place + 1)
    ends[n] = end
    return starts[: n + 1], ends[: n + 1]


@njit(cache=True)
def split_lines(codes, classes):  # type: ignore[no-untyped-def]
    """Bounds of the lines as `str.splitlines` sees them."""
    starts = np.empty(len(codes) + 1, dtype=np.int64)
    ends = np.empty(len(codes) + 1, dtype=np.int64)
    n, start, place = 0, 0, 0
    while place < len(codes):
        if classes[place] & LINE_BREAK:
            starts[n], ends[n] = start, place
            n += 1
            if codes[place] == 13 and place + 1 < len(codes) and codes[place + 1] == _LF:
                place += 1
            start = place + 1
        place += 1
    if start < len(codes):
        starts[n], ends[n] = start, len(codes)
        n += 1
    return starts[:n], ends[:n]


@njit(cache=True)
def strip(classes, start, end):  # type: ignore[no-untyped-def]
    """The bounds without the spaces at both ends."""
    while start < end and classes[start] & SPACE:
        start += 1
    while end > start and classes[end - 1] & SPACE:
        end -= 1
    return start, end


@njit(cache=True)
def ends_in_ellipsis(codes, start, end):  # type: ignore[no-untyped-def]
    if end > start and codes[end - 1] == _ELLIPSIS:
        return True
    return end - start >= 3 and codes[end - 1] == codes[end - 2] == codes[end - 3] == ord(".")


@njit(cache=True)
def stands_at(codes, place, end, phrase):  # type: ignore[no-untyped-def]
    """Whether the lower-case ASCII phrase stands at `place`, in any case."""
    for i in range(len(phrase)):
        if phrase[i] == 0:
            break
        if place + i >= end:
            return False
        code = codes[place + i]
        if ord("A") <= code <= ord("Z"):
            code += 32
        if code != phrase[i]:
            return False
    return True


@njit(cache=True)
def holds(codes, start, end, phrases):  # type: ignore[no-untyped-def]
    """Whether any of the phrases stands in the segment, in any case."""
    for place in range(start, end):
        code = codes[place] | 32
        for phrase in phrases:
            if code == phrase[0] and stands_at(codes, place, end, phrase):
                return True
    return False


# -- Gopher -----------------------------------------------------------------------------------


@njit(cache=True)
def measure_words(codes, classes, starts, ends, row):  # type: ignore[no-untyped-def]
    n_words, n_characters, n_alphabetic = 0, 0, 0
    found = np.zeros(len(_STOP_PHRASES), dtype=np.bool_)
    for i in range(len(starts)):
        alphabetic, proper = False, False
        for place in range(starts[i], ends[i]):
            alphabetic |= (classes[place] & ALPHABETIC) != 0
            proper |= (classes[place] & SYMBOL) == 0
        n_alphabetic += alphabetic
        if proper:
            n_words += 1
            n_characters += ends[i] - starts[i]
        mark_stop_word(codes, starts[i], ends[i], found)
    row[0] = n_words
    row[1] = n_characters / n_words if n_words else 0.0
    row[2] = np.sum(codes == ord("#")) / len(starts)
    row[3] = count_ellipses(codes) / len(starts)
    row[6] = n_alphabetic / len(starts)
    row[7] = np.sum(found)


@njit(cache=True)
def mark_stop_word(codes, start, end, found):  # type: ignore[no-untyped-def]
    """Mark the stop word that the word is; case counts."""
    if end - start > 4:
        return
    for number in range(len(_STOP_PHRASES)):
        phrase = _STOP_PHRASES[number]
        same = phrase[end - start] == 0
        for i in range(end - start):
            same &= codes[start + i] == phrase[i]
        found[number] |= same


@njit(cache=True)
def count_ellipses(codes):  # type: ignore[no-untyped-def]
    """Occurrences of '...' that do not overlap, and of '…'."""
    count, dots = 0, 0
    for code in codes:
        dots = dots + 1 if code == ord(".") else 0
        if dots == 3:
            count += 1
            dots = 0
        count += code == _ELLIPSIS
    return count


@njit(cache=True)
def measure_lines(codes, classes, row):  # type: ignore[no-untyped-def]
    starts, ends = split_lines(codes, classes)
    bullets, ellipses = 0, 0
    for i in range(len(starts)):
        start, end = strip(classes, starts[i], ends[i])
        if start < end:
            bullets += codes[start] == _BULLET or codes[start] == ord("-")
            ellipses += ends_in_ellipsis(codes, start, end)
    row[0] = bullets / len(starts)
    row[1] = ellipses / len(starts)


@njit(cache=True)
def measure_duplicates(codes, classes, sums, powers, row):  # type: ignore[no-untyped-def]
    starts, ends = split_at_runs(codes, 0, len(codes), 1)
    elements, characters = duplicates(starts, ends, sums, powers)
    row[0] = elements / len(starts)
    row[1] = characters / len(codes)
    start, end = strip(classes, 0, len(codes))
    starts, ends = split_at_runs(codes, start, end, 2)
    elements, characters = duplicates(starts, ends, sums, powers)
    row[2] = elements / len(starts)
    row[3] = characters / len(codes)


@njit(cache=True)
def measure_ngrams(codes, starts, ends, sums, powers, row):  # type: ignore[no-untyped-def]
    joined, bounds = join_words(codes, starts, ends)
    joined_sums = prefix_sums(joined)
    keys = np.empty(table_size(len(starts)), dtype=np.uint64)
    counts = np.empty((len(keys), 2), dtype=np.int64)
    for n in range(2, 5):
        row[n - 2] = top_ngram(starts, ends, sums, powers, n, keys, counts) / len(codes)
    for n in range(5, 11):
        row[n - 2] = duplicate_ngrams(bounds, joined_sums, powers, n, keys) / len(codes)


@njit(cache=True)
def join_words(codes, starts, ends):  # type: ignore[no-untyped-def]
    """The words without anything between them, and the n + 1 bounds."""
    joined = np.empty(len(codes), dtype=np.int32)
    bounds = np.zeros(len(starts) + 1, dtype=np.int64)
    for i in range(len(starts)):
        bounds[i + 1] = bounds[i] + ends[i] - starts[i]
        joined[bounds[i] : bounds[i + 1]] = codes[starts[i] : ends[i]]
    return joined[: bounds[-1]], bounds


@njit(cache=True)
def top_ngram(starts, ends, sums, powers, n, keys, counts):  # type: ignore[no-untyped-def]
    """Characters, spaces included, in all occurrences of the most frequent n-gram.

    Of several equally frequent ones the first counts. counts: of each place of the set, how often
    and where first.
    """
    keys[:] = 0
    n_ngrams = len(starts) - n + 1
    for i in range(n_ngrams):
        key = np.uint64(n)
        for word in range(i, i + n):
            key = (key ^ segment(sums, powers, starts[word], ends[word])) * _MIX
            key ^= key >> np.uint64(31)
        key |= np.uint64(1)
        place = claim(keys, key)
        if keys[place] == 0:
            keys[place] = key
            counts[place, 0], counts[place, 1] = 0, i
        counts[place, 0] += 1
    best, first = 0, 0
    for place in range(len(keys)):
        if keys[place] != 0:
            often, where = counts[place]
            if often > best or (often == best and where < first):
                best, first = often, where
    length = n - 1
    for word in range(first, min(first + n, len(starts))):
        length += ends[word] - starts[word]
    return best * length


@njit(cache=True)
def duplicate_ngrams(bounds, sums, powers, n, keys):  # type: ignore[no-untyped-def]
    """Characters, spaces left out, in n-grams that came before; these do not overlap."""
    keys[:] = 0
    characters, i = 0, 0
    while i + n < len(bounds):
        key = segment(sums, powers, bounds[i], bounds[i + n])
        place = claim(keys, key)
        if keys[place] == key:
            characters += bounds[i + n] - bounds[i]
            i += n
        else:
            keys[place] = key
            i += 1
    return characters


# -- C4 ---------------------------------------------------------------------------------------


@njit(cache=True)
def measure_c4(codes, classes, row):  # type: ignore[no-untyped-def]
    starts, ends = split_lines(codes, classes)
    kept, sentences, lorem, bracket = 0, 0, 0, 0
    for i in range(len(starts)):
        start, end = strip(classes, starts[i], ends[i])
        if not is_prose(codes, classes, start, end):
            continue
        end = citations_cut(codes, start, end)
        lorem |= int(holds(codes, start, end, _LOREM_PHRASES))
        if holds(codes, start, end, _SCRIPT_PHRASES):
            continue
        bracket |= int(np.any(codes[start:end] == ord("{")))
        if holds(codes, start, end, _POLICY_PHRASES):
            continue
        kept += 1
        sentences += count_sentences(classes, start, end)
    row[0] = kept / len(starts)
    row[1] = sentences
    row[2] = lorem
    row[3] = bracket


@njit(cache=True)
def is_prose(codes, classes, start, end):  # type: ignore[no-untyped-def]
    """Three words, none beyond 1,000 characters, and a full stop, mark or quote at the end."""
    n_words, length = 0, 0
    for place in range(start, end):
        length = 0 if classes[place] & SPACE else length + 1
        n_words += length == 1
        if length > 1000:
            return False
    if n_words < 3:
        return False
    end = citations_cut(codes, start, end)
    if end == start:
        return False
    last = codes[end - 1]
    if last == ord("."):
        return not (end - start >= 3 and codes[end - 2] == codes[end - 3] == ord("."))
    return last == ord("?") or last == ord("!") or last == ord('"') or last == ord("'")


@njit(cache=True)
def citations_cut(codes, start, end):  # type: ignore[no-untyped-def]
    """The end of the line without the citations that stand there: [12], [], [edit], ..."""
    while end > start and codes[end - 1] == ord("]"):
        place = end - 2
        while place >= start and codes[place] != ord("["):
            place -= 1
        if place < start or not is_citation(codes, place, end):
            break
        end = place
    return end


@njit(cache=True)
def is_citation(codes, start, end):  # type: ignore[no-untyped-def]
    digits = True
    for place in range(start + 1, end - 1):
        digits &= ord("0") <= codes[place] <= ord("9")
    if digits:
        return True
    return spells(codes, start, end, _EDIT) or spells(codes, start, end, _CITATION_NEEDED)


@njit(cache=True)
def spells(codes, start, end, phrase):  # type: ignore[no-untyped-def]
    return end - start == len(phrase) and np.all(codes[start:end] == phrase)


@njit(cache=True)
def count_sentences(classes, start, end):  # type: ignore[no-untyped-def]
    """Runs of sentence marks before a space or the end; at least the line itself."""
    count, after = 0, False
    for place in range(start, end):
        if classes[place] & TERMINAL:
            after = True
        elif classes[place] & SPACE:
            count += after
            after = False
        elif not classes[place] & SYMBOL:
            after = False
    return max(1, count + after)


# -- FineWeb ----------------------------------------------------------------------------------


@njit(cache=True)
def measure_fineweb(codes, classes, sums, powers, row):  # type: ignore[no-untyped-def]
    starts, ends = split_at_runs(codes, 0, len(codes), 1)
    n, terminal, short = 0, 0, 0
    for i in range(len(starts)):
        start, end = strip(classes, starts[i], ends[i])
        if start == end:
            continue
        terminal += (classes[ends[i] - 1] & TERMINAL) != 0
        short += ends[i] - starts[i] <= 30
        starts[n], ends[n] = starts[i], ends[i]
        n += 1
    breaks = np.sum(codes == _LF)
    _, characters = duplicates(starts[:n], ends[:n], sums, powers)
    row[0] = terminal / n
    row[1] = short / n
    row[2] = characters / (len(codes) - breaks)
    row[3] = breaks
