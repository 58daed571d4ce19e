"""What is read of a long text: its two ends."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

WINDOW: Final = 256  # tokens that are read at once; a text gets at most two windows


def windows_of(tokens: NDArray[np.int32]) -> NDArray[np.int32]:
    """The windows of a text's tokens [n, ...] that are read: int32 [1 or 2, length, ...].

    A long text gives two, its first and its last tokens, of at most WINDOW each.
    """
    if len(tokens) <= WINDOW:
        return tokens[None]
    length = min(WINDOW, (len(tokens) + 1) // 2)
    return np.stack((tokens[:length], tokens[-length:]))
