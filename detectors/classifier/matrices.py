"""Matrices as they are stored: int8 with a scale per row, or four bits with two per 32 numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

GROUP: Final = 32  # numbers of a row that share a scale and a least value


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of int8 [n, width], and the scale of each, float16 [n]."""

    rows: NDArray[np.int8]
    scales: NDArray[np.float16]

    @classmethod
    def rounded(cls, values: NDArray[np.float32]) -> Table:
        """The table nearest to float32 [n, width]."""
        scales = (np.abs(values).max(axis=1) / 127).astype(np.float16)
        divisors = np.where(scales > 0, scales, 1).astype(np.float32)
        return cls(np.rint(values / divisors[:, None]).clip(-127, 127).astype(np.int8), scales)

    def values(self, rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """The rows asked for, float32 [..., width]."""
        return self.rows[rows] * self.scales[rows].astype(np.float32)[..., None]

    def whole(self) -> NDArray[np.float32]:
        """All rows, float32 [n, width]."""
        return self.values(np.arange(len(self.rows), dtype=np.int32))


@dataclass(frozen=True, slots=True)
class Nibbles:
    """A matrix in four bits a number: least + scale * 0..15, each shared by GROUP of a row.

    packed: uint8 [n, width / 2], the even column in the low half; scales, least: float16
    [n, width / GROUP]. A matrix that comes from llama.cpp's Q4_1 is of this form, and is kept as
    it was.
    """

    packed: NDArray[np.uint8]
    scales: NDArray[np.float16]
    least: NDArray[np.float16]

    @classmethod
    def rounded(cls, values: NDArray[np.float32]) -> Nibbles:
        """The matrix nearest to float32 [n, width] whose groups reach from their least to their
        largest number. width: a multiple of GROUP.
        """
        groups = values.reshape(len(values), -1, GROUP)
        least = groups.min(axis=2).astype(np.float16)
        scales = ((groups.max(axis=2) - least.astype(np.float32)) / 15).astype(np.float16)
        divisors = np.where(scales > 0, scales, 1).astype(np.float32)
        steps = np.rint((groups - least[..., None].astype(np.float32)) / divisors[..., None])
        flat = steps.clip(0, 15).astype(np.uint8).reshape(values.shape)
        return cls(flat[:, ::2] | flat[:, 1::2] << 4, scales, least)

    def whole(self) -> NDArray[np.float32]:
        """The matrix, float32 [n, width]."""
        steps = np.stack((self.packed & 15, self.packed >> 4), axis=2)
        groups = steps.reshape(len(self.packed), -1, GROUP).astype(np.float32)
        scales, least = (one.astype(np.float32)[..., None] for one in (self.scales, self.least))
        return (least + scales * groups).reshape(len(self.packed), -1)
