"""Band keys: one 64-bit number per band of a signature, the same for all who agree in that band.

Band b of a signature is its values from b * rows to (b + 1) * rows. Its key begins as
(b + 1) * 0xC2B2AE3D27D4EB4F; for every value in turn it is xored with the value, multiplied by
0x9E3779B97F4A7C15, both modulo 2**64, and xored with itself shifted right by 29 bits. A band whose
values are all EMPTY has NO_KEY instead. The number of the band is in the key, so that the keys of
all bands share one table. Every step is reversible: unequal bands meet as seldom as random numbers
of 64 bits do.

Keys kept on disk hold only as long as this does not change.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from provenance.dedup.minhash import EMPTY

#: The key of a band whose values are all EMPTY, as texts without words have them; matches nothing.
NO_KEY = np.uint64(0)

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]

_U = np.uint64
_SEED = _U(0xC2B2AE3D27D4EB4F)
_PRIME = _U(0x9E3779B97F4A7C15)
_SHIFT = _U(29)


def band_keys(signatures: U32, *, bands: int, rows: int) -> U64:
    """The keys [n, bands] of `signatures` [n, num_perm]; NO_KEY where a band is all EMPTY."""
    keys = np.empty((len(signatures), bands), dtype=np.uint64)
    _fill(signatures, rows, keys)
    return keys


@njit(cache=True, nogil=True)
def _fill(signatures, rows, keys):  # type: ignore[no-untyped-def]
    for text in range(len(signatures)):
        values = signatures[text]
        place = 0
        for band in range(keys.shape[1]):
            key = _U(band + 1) * _SEED
            in_all = EMPTY
            for _ in range(rows):
                in_all &= values[place]
                key = (key ^ _U(values[place])) * _PRIME
                key ^= key >> _SHIFT
                place += 1
            keys[text, band] = NO_KEY if in_all == EMPTY else key
