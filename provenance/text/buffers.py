"""The memory of Arrow strings, as compiled code reads it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]


def string_buffers(texts: pa.LargeStringArray, *, overread: int = 0) -> tuple[U8, I64]:
    """The bytes of the texts, and the n + 1 offsets into them; a null has none.

    overread: bytes after the last that may be read too, whatever they are. The bytes are Arrow's
    own memory, or a copy where that ends too soon.
    """
    whole = texts.fill_null("") if texts.null_count else texts
    if not len(whole):
        return np.zeros(overread, dtype=np.uint8), np.zeros(1, dtype=np.int64)
    _, offsets, data = whole.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[whole.offset : whole.offset + len(whole) + 1]
    held = np.frombuffer(data, dtype=np.uint8) if data else np.zeros(0, dtype=np.uint8)
    end = bounds[-1] + overread
    if len(held) < end:
        held = np.concatenate([held[: bounds[-1]], np.zeros(overread, dtype=np.uint8)])
    return held[bounds[0] : end], bounds - bounds[0]
