"""What every code point is, as Python's `str` and Unicode say, in one table for compiled code."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

SPACE: Final = 1  # str.isspace
LINE_BREAK: Final = 2  # ends a line for str.splitlines
ALPHABETIC: Final = 4  # str.isalpha
SYMBOL: Final = 8  # punctuation, symbols and controls: categories P*, S*, Cc
TERMINAL: Final = 16  # Unicode property Sentence_Terminal

#: Beyond it lie only tags, variation selectors and private use, which are nothing of the above.
_END: Final = 0x33480

_LINE_BREAKS: Final = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


@cache
def character_table() -> npt.NDArray[np.uint8]:
    """The classes of every code point, as bits: uint8 [0x110000]."""
    import regex  # noqa: PLC0415  (only who measures pays for it)

    table = np.zeros(0x110000, dtype=np.uint8)
    for code in range(_END):
        character = chr(code)
        category = unicodedata.category(character)
        table[code] = (
            SPACE * character.isspace()
            | ALPHABETIC * character.isalpha()
            | SYMBOL * (category[0] in "PS" or category == "Cc")
        )
    every = "".join(chr(code) for code in range(_END) if not 0xD800 <= code < 0xE000)
    table[[ord(found) for found in regex.findall(r"\p{Sentence_Terminal}", every)]] |= TERMINAL
    table[[ord(character) for character in _LINE_BREAKS]] |= LINE_BREAK
    return table
