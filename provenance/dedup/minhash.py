"""MinHash signatures and containment sketches of texts in their normal form.

Three facts reproduce both with other tools, datasketch alone for instance:

- a *word* is a run of anything but U+0020; of the normal form (`text.normal`) that is a run of
  letters, marks and numbers, folded, and in scripts without spaces each character. A *shingle* is
  five words in a row as they stand in the text, joined by its spaces (a text of fewer words is one
  shingle, a text of none has no shingle; of a text of more than 2**20 words the first 2**20 are
  read);
- its *hash* is the low 32 bits of XXH64 (seed 0) of its UTF-8;
- the *signature* is datasketch's: `MinHash(num_perm=K, seed=1, scheme="affine32")`, or `"legacy"`,
  fed with these hashes, as `hashfunc=lambda shingle: xxhash.xxh64_intdigest(shingle) & 0xFFFFFFFF`
  does.

A signature tells how alike two texts are as wholes. Boilerplate, the same on all pages of a site,
drowns that: so a *sketch* keeps a sample of the hashes themselves, those below 2**(32 - level)
(FracMinHash: Irber et al. 2022), from which containment is read after boilerplate is set aside.

32 bits cannot tell the shingles of billions of texts apart. So that a large archive can be asked
for a text, its *probes* are a smaller sample of the same kind, of one hash in 2**level by its low
32 bits, that keeps all 64.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from provenance.text.buffers import string_buffers

#: Seed of datasketch's permutations.
SEED = 1
#: Every value of the signature of a text without words.
EMPTY = np.uint32(0xFFFFFFFF)

#: datasketch's names for its permutations: since version 2, and before.
Scheme: TypeAlias = Literal["affine32", "legacy"]

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ShingleHashes:
    """The distinct shingles of text i: hashes[bounds[i]:bounds[i + 1]], in order of appearance.

    hashes: uint64, all of XXH64; distinct by the low 32 bits. bounds: int64 [n + 1].
    """

    hashes: U64
    bounds: I64

    def __len__(self) -> int:
        return len(self.bounds) - 1


@dataclass(frozen=True, slots=True)
class Signed:
    """Four Arrow columns, a row per text.

    n_shingles: int32, distinct shingles. signature: large_binary of num_perm little-endian uint32.
    sketch: large_binary of ascending little-endian uint32. probes: of ascending uint64.
    """

    n_shingles: pa.Int32Array
    signature: pa.LargeBinaryArray
    sketch: pa.LargeBinaryArray
    probes: pa.LargeBinaryArray


def sign(texts: pa.LargeStringArray, *, num_perm: int) -> Signed:
    """Signature, sketch and probes of every text; a null counts as a text without words."""
    # Compiling, or reading the compiled code, is paid for by who signs, not by who imports.
    from provenance.dedup.kernels import probe, sketch  # noqa: PLC0415

    shingles = shingle_hashes(texts)
    sketches = np.empty(len(shingles.hashes), dtype=np.uint32)
    probes = np.empty(len(shingles.hashes), dtype=np.uint64)
    sketch_offsets = np.empty_like(shingles.bounds)
    probe_offsets = np.empty_like(shingles.bounds)
    sketch(shingles.hashes, shingles.bounds, sketches, sketch_offsets)
    probe(shingles.hashes, shingles.bounds, probes, probe_offsets)
    return Signed(
        n_shingles=pa.array(np.diff(shingles.bounds).astype(np.int32)),
        signature=binary(minima(shingles, num_perm=num_perm)),
        sketch=_binary(sketch_offsets * 4, sketches[: sketch_offsets[-1]]),
        probes=_binary(probe_offsets * 8, probes[: probe_offsets[-1]]),
    )


def shingle_hashes(texts: pa.LargeStringArray) -> ShingleHashes:
    """The hashes of the shingles of every text; a null counts as a text without words."""
    from provenance.dedup.kernels import hash_shingles  # noqa: PLC0415
    from provenance.dedup.xxh64 import OVERREAD  # noqa: PLC0415

    data, offsets = string_buffers(texts, overread=OVERREAD)
    hashes = np.empty(len(data) // 2 + len(texts), dtype=np.uint64)
    bounds = np.empty(len(texts) + 1, dtype=np.int64)
    hash_shingles(data, offsets, hashes, bounds)
    return ShingleHashes(hashes[: bounds[-1]], bounds)


def minima(shingles: ShingleHashes, *, num_perm: int, scheme: Scheme = "affine32") -> U32:
    """The signatures [n, num_perm]. Those of "legacy" fit 32 bits; datasketch keeps them in 64."""
    from provenance.dedup.kernels import affine32_minima, legacy_minima  # noqa: PLC0415

    rows = np.full((len(shingles), num_perm), EMPTY, dtype=np.uint32)
    lower = {"affine32": affine32_minima, "legacy": legacy_minima}[scheme]
    lower(shingles.hashes, shingles.bounds, *permutations(num_perm, scheme), rows)
    return rows


@cache
def permutations(num_perm: int, scheme: Scheme) -> tuple[U32 | U64, U32 | U64]:
    """Multipliers and addends [num_perm] of datasketch's permutations, from datasketch.

    uint32 for "affine32", uint64 for "legacy".
    """
    from datasketch import MinHash  # noqa: PLC0415

    multipliers, addends = MinHash(num_perm=num_perm, seed=SEED, scheme=scheme).permutations
    return np.ascontiguousarray(multipliers), np.ascontiguousarray(addends)


def binary(matrix: U32) -> pa.LargeBinaryArray:
    """The rows of `matrix` as little-endian bytes."""
    n_rows, width = matrix.shape
    return _binary(np.arange(n_rows + 1, dtype=np.int64) * (4 * width), matrix)


def _binary(offsets: I64, values: U32 | U64) -> pa.LargeBinaryArray:
    little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    buffers = [None, pa.py_buffer(np.ascontiguousarray(offsets)), pa.py_buffer(little)]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(offsets) - 1, buffers)
