"""UTF-8 bytes -> whether something may be hidden in them.

Compiled, because it reads every document; the patterns of `hidden_unicode`, ten times as slow, read
the few that it flags.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: Flags of a text: it holds a suspect character; an ASCII letter stands beside one of another
#: script; a look-alike is in a text of more ASCII letters than letters of its scripts that look
#: like none.
SUSPECT: Final = 1
MIXED_SCRIPTS: Final = 2
AMONG_LATIN: Final = 4

_SUSPECT, _OTHER_SCRIPT, _LOOKALIKE = 1, 2, 3
_BASIC_PLANE: Final = 0x10000


def character_classes(
    *, suspect: Iterable[int], other_scripts: Iterable[int], lookalikes: Iterable[int]
) -> NDArray[np.uint8]:
    """Classes of the characters of the basic plane, for `flags`: uint8 [65536].

    lookalikes: those of other_scripts that look like an ASCII letter.
    """
    classes = np.zeros(_BASIC_PLANE, np.uint8)
    classes[list(other_scripts)] = _OTHER_SCRIPT
    classes[list(lookalikes)] = _LOOKALIKE
    classes[list(suspect)] = _SUSPECT
    return classes


@njit(cache=True, nogil=True)
def flags(data: NDArray[np.uint8], classes: NDArray[np.uint8]) -> int:
    """SUSPECT | MIXED_SCRIPTS | AMONG_LATIN of UTF-8 bytes. Plane 14 is suspect as a whole.

    Letters of other scripts are two bytes long in UTF-8, suspects of the basic plane two or three.
    """
    found, at, end = 0, 0, len(data)
    n_latin, n_other, n_lookalikes = 0, 0, 0
    while at < end:
        lead = data[at]
        if lead < 0x80:
            n_latin += _is_letter(lead)
            at += 1
        elif lead < 0xE0:
            kind = classes[(lead & 31) << 6 | data[at + 1] & 63] if at + 1 < end else 0
            if kind == _SUSPECT:
                found |= SUSPECT
            elif kind >= _OTHER_SCRIPT:
                n_lookalikes += kind == _LOOKALIKE
                n_other += kind == _OTHER_SCRIPT
                if (at > 0 and _is_letter(data[at - 1])) or (
                    at + 2 < end and _is_letter(data[at + 2])
                ):
                    found |= MIXED_SCRIPTS
            at += 2
        elif lead < 0xF0:
            code = 0
            if at + 2 < end:
                code = (lead & 15) << 12 | (data[at + 1] & 63) << 6 | data[at + 2] & 63
            if classes[code] == _SUSPECT:
                found |= SUSPECT
            at += 3
        else:
            if lead == 0xF3 and at + 1 < end and data[at + 1] == 0xA0:
                found |= SUSPECT
            at += 4
    if n_lookalikes > 0 and n_latin > n_other:
        found |= AMONG_LATIN
    return found


@njit(cache=True, nogil=True)
def _is_letter(byte: int) -> bool:
    return 0x61 <= byte | 0x20 <= 0x7A
