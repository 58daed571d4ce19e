"""Matrices as they are stored: int8 with a scale per row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
