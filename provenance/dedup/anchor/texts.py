"""Texts as the archive reads and writes them: flat arrays over a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SignedBatch:
    """n texts.

    n_shingles: int32 [n]. hashes: uint32, their sketches, that of text i from bounds[i] to
    bounds[i + 1], ascending. probes: uint64, the same with probe_bounds. content: uint64 [n, 2],
    the halves of the content hash.
    """

    n_shingles: npt.NDArray[np.int32]
    bounds: I64
    hashes: npt.NDArray[np.uint32]
    probe_bounds: I64
    probes: npt.NDArray[np.uint64]
    content: npt.NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.n_shingles)


def signed_batch(
    n_shingles: pa.Array, sketch: pa.Array, probes: pa.Array, content_hash: pa.Array
) -> SignedBatch:
    """The batch in four columns of the store. A text without a content hash has no words."""
    bounds, hashes = flat(sketch, "<u4")
    probe_bounds, wide = flat(probes, "<u8")
    filled = content_hash.cast(pa.binary(16)).fill_null(bytes(16))
    return SignedBatch(
        n_shingles=n_shingles.to_numpy(zero_copy_only=False),
        bounds=bounds,
        hashes=hashes,
        probe_bounds=probe_bounds,
        probes=wide,
        content=_fixed(filled),
    )


def flat(column: pa.Array, dtype: str) -> tuple[I64, npt.NDArray[Any]]:
    """The n + 1 bounds of the rows of a binary column, counted in values, and all its values."""
    whole = column.cast(pa.large_binary())
    size = np.dtype(dtype).itemsize
    if not len(whole):
        return np.zeros(1, dtype=np.int64), np.zeros(0, dtype=dtype)
    _, offsets, data = whole.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[whole.offset : whole.offset + len(whole) + 1]
    held = np.frombuffer(data, dtype=np.uint8) if data else np.zeros(0, dtype=np.uint8)
    values = np.require(held[bounds[0] : bounds[-1]].view(dtype), requirements="A")
    return (bounds - bounds[0]) // size, values


def _fixed(column: pa.FixedSizeBinaryArray) -> npt.NDArray[np.uint64]:
    start = 16 * column.offset
    data = np.frombuffer(column.buffers()[1], dtype=np.uint8)[start : start + 16 * len(column)]
    return np.frombuffer(data.tobytes(), dtype="<u8").reshape(-1, 2)
