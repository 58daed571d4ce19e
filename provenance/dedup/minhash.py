"""MinHash signatures and containment sketches of texts in their normal form.

Three facts reproduce both with other tools:

- a *word* is a run of anything but U+0020; a *shingle* is five words in a row as they stand in the
  text, joined by its spaces (a text of fewer words is one shingle, a text of none has no shingle;
  of a text of more than 2**20 words the first 2**20 are read);
- its *hash* is the low 32 bits of XXH64 (seed 0) of its UTF-8;
- the *signature* is datasketch's: `MinHash(num_perm=K, seed=1, scheme="affine32")` fed with these
  hashes, as `hashfunc=lambda shingle: xxhash.xxh64_intdigest(shingle) & 0xFFFFFFFF` does.

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

import numpy as np
import numpy.typing as npt
import pyarrow as pa

#: Seed of datasketch's permutations.
SEED = 1
#: Every value of the signature of a text without words.
EMPTY = np.uint32(0xFFFFFFFF)

_SPACE = np.uint8(0x20)

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Signed:
    """Three Arrow columns, a row per text.

    n_shingles: int32, distinct shingles. signature: large_binary of num_perm little-endian uint32.
    sketch: large_binary of ascending little-endian uint32. probes: of ascending uint64.
    """

    n_shingles: pa.Int32Array
    signature: pa.LargeBinaryArray
    sketch: pa.LargeBinaryArray
    probes: pa.LargeBinaryArray


def sign(texts: pa.LargeStringArray, *, num_perm: int) -> Signed:
    """Signature and sketch of every text; a null counts as a text without words."""
    matrix, n_shingles, (sketches, offsets), (probes, probe_offsets) = _arrays(
        texts, num_perm=num_perm
    )
    n_texts = len(texts)
    row_offsets = np.arange(n_texts + 1, dtype=np.int64) * (4 * num_perm)
    return Signed(
        n_shingles=pa.array(n_shingles),
        signature=_binary(row_offsets, matrix),
        sketch=_binary(offsets * 4, sketches),
        probes=_binary(probe_offsets * 8, probes),
    )


def signatures(texts: pa.LargeStringArray, *, num_perm: int) -> tuple[U32, npt.NDArray[np.int32]]:
    """The signatures [n, num_perm] of the texts, and their numbers of distinct shingles [n]."""
    matrix, n_shingles, _, _ = _arrays(texts, num_perm=num_perm)
    return matrix, n_shingles


def _arrays(
    texts: pa.LargeStringArray, *, num_perm: int
) -> tuple[U32, npt.NDArray[np.int32], tuple[U32, I64], tuple[U64, I64]]:
    # Compiling, or reading the compiled code, is paid for by who signs, not by who imports.
    from provenance.dedup.kernels import sign_texts  # noqa: PLC0415

    data, offsets = _buffers(texts)
    n_texts = len(texts)
    matrix = np.full((n_texts, num_perm), EMPTY, dtype=np.uint32)
    n_shingles = np.empty(n_texts, dtype=np.int32)
    spaces = np.flatnonzero(data == _SPACE)
    sketches = np.empty(len(spaces) + n_texts, dtype=np.uint32)
    sketch_offsets = np.empty(n_texts + 1, dtype=np.int64)
    probes = np.empty(len(spaces) + n_texts, dtype=np.uint64)
    probe_offsets = np.empty(n_texts + 1, dtype=np.int64)
    sign_texts(
        data,
        spaces,
        offsets,
        *permutations(num_perm),
        matrix,
        n_shingles,
        sketches,
        sketch_offsets,
        probes,
        probe_offsets,
    )
    sketched = sketches[: sketch_offsets[-1]], sketch_offsets
    return matrix, n_shingles, sketched, (probes[: probe_offsets[-1]], probe_offsets)


@cache
def permutations(num_perm: int) -> tuple[U32, U32]:
    """Multipliers and addends [num_perm] of datasketch's affine permutations, from datasketch."""
    from datasketch import MinHash  # noqa: PLC0415

    multipliers, addends = MinHash(num_perm=num_perm, seed=SEED, scheme="affine32").permutations
    return np.ascontiguousarray(multipliers), np.ascontiguousarray(addends)


def _buffers(texts: pa.LargeStringArray) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """The bytes of the texts, sharing Arrow's memory, and the n + 1 offsets into them."""
    whole = texts.fill_null("") if texts.null_count else texts
    if not len(whole):
        return np.zeros(0, dtype=np.uint8), np.zeros(1, dtype=np.int64)
    _, offsets, data = whole.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[whole.offset : whole.offset + len(whole) + 1]
    held = np.frombuffer(data, dtype=np.uint8) if data else np.zeros(0, dtype=np.uint8)
    return held[bounds[0] : bounds[-1]], bounds - bounds[0]


def _binary(offsets: I64, values: U32 | U64) -> pa.LargeBinaryArray:
    little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    buffers = [None, pa.py_buffer(np.ascontiguousarray(offsets)), pa.py_buffer(little)]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(offsets) - 1, buffers)
