"""What each character becomes in a normal form, as a table for the compiled pass over UTF-8.

The pass takes characters one by one. That is right where neighbours cannot interact: when all that
is put out passes Unicode's quick check (UAX 15, section 9: combining classes in order, nothing that
composes with what stands before it) at each of the rule's three normalisations. Where the table
cannot promise it, the text is left to `normal.unicode_normal_form`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from provenance.text import normal

#: Kinds beside those of `normal`: the form has several characters; the text is not for the pass.
EXPANDS, SLOW = 5, 6
#: Planes 0 and 1. A text with a character above is not for the pass.
N_CHARACTERS = 0x20000
#: Bytes of the longest form of one character, 18 characters of 3 bytes, with room for spaces.
LONGEST_FORM = 128

_HANGUL_LEADS = frozenset(map(chr, range(0x1100, 0x1113)))
_HANGUL_FOLLOWERS = frozenset(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))


@dataclass(frozen=True, slots=True)
class Characters:
    """Arrays over the code points below N_CHARACTERS.

    kinds: uint8, what the form is to the word rule, or EXPANDS, or SLOW. targets: uint32, the one
    character of the form; for EXPANDS, where in `expansions` the form stands, its length first.
    classes: uint8, canonical combining class; for EXPANDS, the
    highest that its form ends with. composes: bool, with what may stand before it.
    is_composed: bool, something that may follow composes with it. expansions: uint32.
    """

    kinds: npt.NDArray[np.uint8]
    targets: npt.NDArray[np.uint32]
    classes: npt.NDArray[np.uint8]
    composes: npt.NDArray[np.bool_]
    is_composed: npt.NDArray[np.bool_]
    expansions: npt.NDArray[np.uint32]


@cache
def characters() -> Characters:
    """The table for the Unicode version of this Python. About 0.1 s, once per process."""
    every = [chr(code) for code in range(N_CHARACTERS)]
    firsts, seconds = _compositions(every)
    kinds = normal.kinds()[:N_CHARACTERS].copy()
    targets = np.arange(N_CHARACTERS, dtype=np.uint32)
    is_composed = np.array([character in firsts for character in every])
    classes = np.array([unicodedata.combining(character) for character in every], dtype=np.uint8)
    expansions: list[int] = []
    for code, character in enumerate(every):
        if _is_own_form(character):
            if not unicodedata.is_normalized("NFD", character):
                is_composed[code] = not firsts.isdisjoint(unicodedata.normalize("NFD", character))
            continue
        stages = normal.stages(character)
        seen = "".join(stages)
        form = stages[-1]
        is_composed[code] = not firsts.isdisjoint(unicodedata.normalize("NFD", seen))
        if any(stage[0] in seconds or unicodedata.combining(stage[0]) for stage in stages if stage):
            kinds[code] = SLOW
        elif not form:
            kinds[code] = normal.HIDDEN
        elif len(seen) == len(stages):
            kinds[code] = normal.kinds()[ord(form)]
            targets[code] = ord(form)
        else:
            kinds[code] = EXPANDS
            targets[code] = len(expansions)
            classes[code] = max(unicodedata.combining(stage[-1]) for stage in stages)
            expansions += [len(form), *map(ord, form)]
    kinds[0xD800:0xE000] = SLOW
    return Characters(
        kinds=kinds,
        targets=targets,
        classes=classes,
        composes=np.array([character in seconds for character in every]),
        is_composed=is_composed,
        expansions=np.array(expansions, dtype=np.uint32),
    )


def _compositions(every: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The characters that begin a canonical composition, and those that complete one."""
    firsts, seconds = set(_HANGUL_LEADS), set(_HANGUL_FOLLOWERS)
    for character in every:
        parts = unicodedata.decomposition(character).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            first, second = (chr(int(part, 16)) for part in parts)
            if unicodedata.normalize("NFC", first + second) == character:
                firsts.add(first)
                seconds.add(second)
    return frozenset(firsts), frozenset(seconds)


def _is_own_form(character: str) -> bool:
    """Whether neither NFKC nor folding changes the character."""
    return unicodedata.is_normalized("NFKC", character) and character.casefold() == character
