"""Typing errors undone, so that misspelling words hides nothing from a detector that reads them.

A word that no list holds becomes the most frequent word that is one letter lost, added, changed or
swapped with its neighbour away (the four errors of Damerau 1964, doi:10.1145/363958.363994; the
choice by frequency alone, Kernighan et al. 1990 without their model of the errors). English only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from string import ascii_lowercase
from typing import Final

from detectors.classifier.linear import cut, scored_form_bytes
from detectors.stylometry.frequencies import frequencies

#: Of all words written. What is rarer is a guess: the lists hold typing errors too, further down.
LEAST_SHARE: Final = 1e-6

#: Words of Latin letters, not parts of longer items: few shorter ones are far from all others, and
#: the bound above keeps hostile text cheap.
_WORD: Final = re.compile(r"(?<![\w'-])[a-z]{4,20}(?![\w'-])")


def read_form(text: str) -> bytes:
    """What is read of a text: its scored form in UTF-8, typing errors undone; LIMIT_BYTES."""
    return cut(corrected(scored_form_bytes(text).decode()).encode())


def corrected(form: str) -> str:
    """A scored form with its misspelt words corrected; as many words, and all else as it was."""
    return _WORD.sub(lambda found: _corrected(found[0]), form)


@lru_cache(maxsize=2**16)
def _corrected(word: str) -> str:
    listed = frequencies("en")
    if word in listed:
        return word
    share, best = max((listed.get(other, 0.0), other) for other in _one_edit_away(word))
    return best if share >= LEAST_SHARE else word


def _one_edit_away(word: str) -> Iterator[str]:
    for i in range(len(word)):
        before, after = word[:i], word[i:]
        yield before + after[1:]
        for letter in ascii_lowercase:
            yield before + letter + after
            yield before + letter + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
    yield from (word + letter for letter in ascii_lowercase)
