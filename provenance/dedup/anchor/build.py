"""Writing a segment in one pass over its texts, in bounded memory.

Probes are sorted by distribution: they go to files by range, and each file is sorted on its own.
"""

from __future__ import annotations

import mmap
import shutil
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from provenance import batch as contract
from provenance.dedup.anchor import bloom
from provenance.dedup.anchor.tables import ARRAYS, VERSION, Segment
from provenance.dedup.anchor.texts import SignedBatch
from provenance.dedup.partitions import Partitions
from provenance.emit.atomic import digest_file, write_json
from provenance.emit.parquet import PartWriter

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]

DOCUMENTS = contract.schema(
    ("doc_id", "source_uri", "source_pos", "record_id", "url", "captured_at")
)
#: Probes per entry of the directory, on average.
_PER_ENTRY = 256
_PARTITIONS = 256
#: Bytes of a file written at once, so that the system may keep it in large pages.
_AT_ONCE = 2**22


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some texts of a segment, in its order.

    documents: a row per text, of schema DOCUMENTS. is_boilerplate: bool, beside signed.hashes.
    is_boilerplate_probe: bool, beside signed.probes.
    """

    documents: pa.RecordBatch
    signed: SignedBatch
    is_boilerplate: npt.NDArray[np.bool_]
    is_boilerplate_probe: npt.NDArray[np.bool_]


def write_segment(
    chunks: Iterable[Chunk], folder: Path, *, facts: Mapping[str, Any], scratch: Path
) -> Segment:
    """The segment of `chunks`, below `folder` under the name of its digest.

    chunks: texts from the earliest to the undated. facts: what else segment.json shall say.
    scratch: an empty folder for the files of the sort.
    """
    work = folder / ".segment"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    with Partitions(scratch, n_partitions=_PARTITIONS) as pairs:
        counts = _write_texts(chunks, work, scratch, pairs)
        n_probes = _write_probes(work, scratch, pairs)
    names = ["documents.parquet", *(f"{name}.npy" for name in ARRAYS)]
    written = {
        "version": VERSION,
        **facts,
        **counts,
        "n_probes": n_probes,
        "files": {name: digest_file(work / name) for name in names},
    }
    write_json(work / "segment.json", written)
    place = folder / Segment.open(work).digest
    if place.exists():
        shutil.rmtree(work)
    else:
        work.rename(place)
    return Segment.open(place)


class _Arrays:
    """Appends to `.npy` files whose length is known at the end."""

    def __init__(self, folder: Path, scratch: Path, stack: ExitStack) -> None:
        self._folder, self._scratch, self._stack = folder, scratch, stack
        self._files: dict[str, IO[bytes]] = {}
        self._shapes: dict[str, tuple[np.dtype[Any], int, tuple[int, ...]]] = {}

    def append(self, name: str, values: npt.NDArray[Any]) -> None:
        if name not in self._files:
            self._files[name] = self._stack.enter_context((self._scratch / name).open("wb"))
            self._shapes[name] = values.dtype, 0, values.shape[1:]
        kind, n, rest = self._shapes[name]
        self._shapes[name] = kind, n + len(values), rest
        self._files[name].write(np.ascontiguousarray(values).tobytes())

    def close(self) -> None:
        for name, file in self._files.items():
            file.close()
            kind, n, rest = self._shapes[name]
            with (self._folder / f"{name}.npy").open("wb") as whole:
                header = {"descr": kind.str, "fortran_order": False, "shape": (n, *rest)}
                np.lib.format.write_array_header_1_0(whole, header)
                with (self._scratch / name).open("rb") as values:
                    shutil.copyfileobj(values, whole, _AT_ONCE)
            (self._scratch / name).unlink()


def _write_texts(
    chunks: Iterable[Chunk], work: Path, scratch: Path, pairs: Partitions
) -> dict[str, int]:
    """Write everything but the index, whose probes go to `pairs` with the numbers of their texts.

    Returns how many texts there are, and how many have a date.
    """
    n_texts, n_dated, n_hashes = 0, 0, 0
    with ExitStack() as stack:
        documents = stack.enter_context(PartWriter(str(work / "documents.parquet"), DOCUMENTS))
        arrays = _Arrays(work, scratch, stack)
        arrays.append("bounds", np.zeros(1, dtype=np.int64))
        _append_nothing(arrays)
        for chunk in chunks:
            signed = chunk.signed
            documents.write(chunk.documents)
            arrays.append("n_shingles", signed.n_shingles.astype("<i4"))
            arrays.append("content", signed.content.astype("<u8"))
            arrays.append("bounds", signed.bounds[1:] + n_hashes)
            arrays.append("hashes", signed.hashes.astype("<u4"))
            arrays.append("boilerplate", np.flatnonzero(chunk.is_boilerplate) + n_hashes)
            probes, texts = _probes(chunk, n_texts)
            pairs.write(probes[:, None], texts)
            n_texts += len(signed)
            n_hashes += len(signed.hashes)
            dates = chunk.documents.column("captured_at")
            n_dated += len(dates) - dates.null_count
        arrays.close()
    return {"n_texts": n_texts, "n_dated": n_dated, "n_hashes": n_hashes}


def _append_nothing(arrays: _Arrays) -> None:
    """Make every file, so that a segment without texts is one too."""
    for name, kind in (("n_shingles", "<i4"), ("hashes", "<u4"), ("boilerplate", "<i8")):
        arrays.append(name, np.zeros(0, dtype=kind))
    arrays.append("content", np.zeros((0, 2), dtype="<u8"))


def _probes(chunk: Chunk, first_text: int) -> tuple[U64, U32]:
    """The probes of a chunk that are no boilerplate, and the content hashes, with their texts."""
    signed = chunk.signed
    numbers = np.arange(first_text, first_text + len(signed), dtype=np.uint32)
    own = ~chunk.is_boilerplate_probe
    owners = np.repeat(numbers, np.diff(signed.probe_bounds))[own]
    probes = np.concatenate([signed.probes[own], signed.content[:, 0]])
    return probes, np.concatenate([owners, numbers])


def _write_probes(work: Path, scratch: Path, pairs: Partitions) -> int:
    """Write the index: probes in order with their texts, directory and filter; how many there are.

    A partition is about a 256th of all, so that memory stays small. What is written through a map
    stays in small pages, which makes a map of it dear: the filter is copied from such a file.
    """
    n_probes = pairs.n_records
    make = np.lib.format.open_memmap
    probes = make(work / "probes.npy", mode="w+", dtype="<u8", shape=(n_probes,))
    texts = make(work / "texts.npy", mode="w+", dtype="<u4", shape=(n_probes,))
    blocks = (bloom.n_blocks(n_probes), bloom.WORDS)
    words = make(scratch / "bloom.npy", mode="w+", dtype="<u8", shape=blocks)
    directory = [np.zeros(0, dtype="<i8")]
    bits = max(8, (n_probes // _PER_ENTRY).bit_length())
    at = 0
    for part, (keys, numbers) in enumerate(pairs.read()):
        order = np.argsort(keys)
        stop = at + len(keys)
        probes[at:stop], texts[at:stop] = keys[order], numbers[order]
        _sort_equal(probes[at:stop], texts[at:stop])
        bloom.insert(words, probes[at:stop])
        directory.append(at + np.searchsorted(probes[at:stop], _entries(part, bits)))
        at = stop
        for array in (probes, texts, words):  # what is written stays in the page cache alone
            vars(array)["_mmap"].madvise(mmap.MADV_DONTNEED)
    np.save(work / "directory.npy", np.append(np.concatenate(directory), n_probes).astype("<i8"))
    for array in (probes, texts, words):
        array.flush()
    copy_file(scratch / "bloom.npy", work / "bloom.npy")
    (scratch / "bloom.npy").unlink()
    return n_probes


def copy_file(source: Path | str, target: Path | str) -> None:
    """Copy a file of a segment so that the system may keep it in large pages."""
    with Path(source).open("rb") as given, Path(target).open("wb") as copy:
        shutil.copyfileobj(given, copy, _AT_ONCE)


@njit(cache=True)
def _sort_equal(probes, texts):  # type: ignore[no-untyped-def]
    """Sort the texts of every run of equal probes."""
    start = 0
    for at in range(1, len(probes) + 1):
        if at == len(probes) or probes[at] != probes[start]:
            if at - start > 1:
                texts[start:at].sort()
            start = at


def _entries(part: int, bits: int) -> npt.NDArray[np.uint64]:
    """The least probe of every entry of the directory, of those that begin with byte `part`."""
    size = 1 << (bits - 8)
    return np.arange(part * size, (part + 1) * size, dtype=np.uint64) << np.uint64(64 - bits)
