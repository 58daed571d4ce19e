"""The memory of Arrow strings, as compiled code reads it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]


def string_buffers(texts: pa.LargeStringArray) -> tuple[U8, I64]:
    """The bytes of the texts, sharing Arrow's memory, and the n + 1 offsets; a null has none."""
    whole = texts.fill_null("") if texts.null_count else texts
    if not len(whole):
        return np.zeros(0, dtype=np.uint8), np.zeros(1, dtype=np.int64)
    _, offsets, data = whole.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[whole.offset : whole.offset + len(whole) + 1]
    held = np.frombuffer(data, dtype=np.uint8) if data else np.zeros(0, dtype=np.uint8)
    return held[bounds[0] : bounds[-1]], bounds - bounds[0]
