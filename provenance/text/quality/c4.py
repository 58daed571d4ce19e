"""The statistics of C4's rules, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from provenance.text.quality.characters import SPACE, SYMBOL, TERMINAL
from provenance.text.quality.segments import holds, phrases, split_lines, strip

_POLICY_PHRASES = phrases(
    ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies",
     "use cookies")
)  # fmt: skip
_LOREM_PHRASES = phrases(("lorem ipsum",))
_SCRIPT_PHRASES = phrases(("javascript",))
_EDIT = np.array([ord(c) for c in "[edit]"], dtype=np.int32)
_CITATION_NEEDED = np.array([ord(c) for c in "[citation needed]"], dtype=np.int32)


@njit(cache=True)
def measure_c4(codes, classes, row):  # type: ignore[no-untyped-def]
    """Share of lines kept, their sentences, and whether lorem ipsum or a bracket is in them."""
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
