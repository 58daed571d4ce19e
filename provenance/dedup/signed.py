"""Signatures and sketches of the distinct texts, on disk, addressed by the number of the text.

Comparing pairs needs random access, which the operating system's page cache gives to files mapped
into memory: what does not fit is read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from provenance.dedup.statements import statement
from provenance.session import Session

#: Texts handled at a time: 4,096 signatures of 112 values are 1.8 MB.
CHUNK_TEXTS = 4096

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SignedTexts:
    """Arrays over texts 0 to n - 1, the earliest first.

    signatures: uint32 [n, num_perm]. n_shingles: int32 [n]. hashes: uint32, the sketches of all
    texts, that of text i from starts[i] to stops[i], ascending. is_boilerplate: bool, beside
    hashes; false until marked. sites: int64 [n], -1 where the host is unknown.
    """

    signatures: npt.NDArray[np.uint32]
    n_shingles: npt.NDArray[np.int32]
    hashes: npt.NDArray[np.uint32]
    is_boilerplate: npt.NDArray[np.bool_]
    starts: I64
    stops: I64
    sites: I64

    def __len__(self) -> int:
        return len(self.n_shingles)

    def chunks(self) -> Iterator[slice]:
        """Slices over the texts, each of at most CHUNK_TEXTS."""
        for first in range(0, len(self), CHUNK_TEXTS):
            yield slice(first, min(first + CHUNK_TEXTS, len(self)))


def load_signed(
    session: Session, folder: Path, *, signatures: list[str], n_texts: int, num_perm: int
) -> SignedTexts:
    """The signatures and sketches of table `dedup_texts`, in files of `folder`."""
    matrix = np.memmap(folder / "signatures", dtype=np.uint32, mode="w+", shape=(n_texts, num_perm))
    n_shingles = np.zeros(n_texts, dtype=np.int32)
    starts = np.zeros(n_texts, dtype=np.int64)
    stops = np.zeros(n_texts, dtype=np.int64)
    end = 0
    with (folder / "hashes").open("wb") as hashes:
        for batch in session.reader(statement("signed"), rows=CHUNK_TEXTS, signatures=signatures):
            texts = batch.column("text").to_numpy()
            matrix[texts] = _values(batch.column("signature"))[1].reshape(-1, num_perm)
            n_shingles[texts] = batch.column("n_shingles").to_numpy()
            bounds, values = _values(batch.column("sketch"))
            starts[texts] = end + bounds[:-1]
            stops[texts] = end + bounds[1:]
            end += len(values)
            hashes.write(values.tobytes())
    return SignedTexts(
        signatures=matrix,
        n_shingles=n_shingles,
        hashes=np.memmap(folder / "hashes", dtype=np.uint32, mode="r"),
        is_boilerplate=np.memmap(
            folder / "is_boilerplate", dtype=np.bool_, mode="w+", shape=(end,)
        ),
        starts=starts,
        stops=stops,
        sites=_sites(session),
    )


def _values(column: pa.Array) -> tuple[I64, npt.NDArray[np.uint32]]:
    """The n + 1 bounds of the rows of a binary column, and all its values, as uint32."""
    whole = column.cast(pa.large_binary())
    _, offsets, data = whole.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[whole.offset : whole.offset + len(whole) + 1]
    values = np.frombuffer(data, dtype=np.uint8)[bounds[0] : bounds[-1]]
    return (bounds - bounds[0]) // 4, np.frombuffer(values.tobytes(), dtype="<u4")


def _sites(session: Session) -> I64:
    column = session.table(statement("sites")).column("site")
    return column.combine_chunks().fill_null(-1).to_numpy()
