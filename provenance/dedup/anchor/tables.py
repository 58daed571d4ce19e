"""An archive on disk: immutable segments of flat arrays, and a table of their documents.

    A/anchor.json                        version and segments; written last
    A/segments/DIGEST/segment.json       counts, and the sha256 of every other file
                     /documents.parquet  doc_id, record_id, source_uri, source_pos, url, captured_at
                     /n_shingles.npy     int32 [n]
                     /content.npy        uint64 [n, 2], the content hash
                     /bounds.npy         int64 [n + 1], where the sketch of each text is
                     /hashes.npy         uint32, sketches of all texts, each ascending
                     /boilerplate.npy    int64, the places in hashes that are boilerplate, ascending
                     /probes.npy         uint64, ascending: probes, and halves of content hashes
                     /texts.npy          uint32, the text that each probe belongs to
                     /directory.npy      int64, where the probes with each leading bits begin
                     /bloom.npy          uint64 [blocks, 4], the filter over probes

Texts are numbered from the earliest; those without a capture date come last. Opening reads JSON and
maps the arrays: what is used of them stays in the page cache, not in the process.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from provenance.emit.canonical import digest_json
from provenance.errors import InputError, Problem

VERSION = "anchor/1"
ARRAYS = (
    "n_shingles", "content", "bounds", "hashes", "boilerplate", "probes", "texts", "directory",
    "bloom",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segment:
    """One immutable part of an archive. arrays: the files above, mapped into memory."""

    root: Path
    facts: Mapping[str, Any]
    arrays: Mapping[str, npt.NDArray[Any]]

    @classmethod
    def open(cls, root: Path) -> Self:
        """The segment at `root`, nothing of its arrays read yet."""
        facts = json.loads((root / "segment.json").read_text(encoding="utf-8"))
        arrays = {name: _mapped(root / f"{name}.npy") for name in ARRAYS}
        _hint_large_pages(arrays["bloom"])
        return cls(root, facts, arrays)

    @property
    def digest(self) -> str:
        """Identity of the content: that of its facts, which hold the sha256 of every file."""
        return digest_json(dict(self.facts))

    @property
    def documents(self) -> Path:
        return self.root / "documents.parquet"

    @property
    def size_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.root.iterdir())

    def evict(self, name: str, first: int, last: int) -> None:
        """Take rows `first` to `last` of an array out of the process's memory; the page cache
        keeps them. Only as long as the range: walking a large map costs more than a search."""
        array = self.arrays[name]
        if not isinstance(array, np.memmap) or first >= last:
            return
        # The map begins at the page that holds the array's first byte.
        begin = array.offset % mmap.ALLOCATIONGRANULARITY
        start, stop = (begin + row * array.strides[0] for row in (first, last))
        start -= start % mmap.PAGESIZE
        mapped: mmap.mmap = vars(array)["_mmap"]  # numpy shows it under no public name
        mapped.madvise(mmap.MADV_DONTNEED, start, stop - start)


@dataclass(frozen=True, slots=True)
class Anchor:
    """An archive as it was opened. `name`: its folder as given."""

    name: str
    segments: tuple[Segment, ...]

    @classmethod
    def open(cls, root: Path) -> Self:
        """The archive at `root`. Raises InputError when there is none, or a part of it is gone."""
        if not is_anchor(root):
            raise InputError(Problem(str(root), "no anchor is here", accepted=_ACCEPTED))
        held = json.loads((root / "anchor.json").read_text(encoding="utf-8"))
        if held.get("version") != VERSION:
            what = f"is of version {held.get('version')!r}"
            raise InputError(Problem(str(root), what, accepted=VERSION))
        return cls(str(root), tuple(_segment(root, digest) for digest in held["segments"]))

    @property
    def digest(self) -> str:
        """Identity of the content, whatever the order in which it was put together."""
        return anchor_digest([segment.digest for segment in self.segments])


_ACCEPTED = "a folder made by `provenance anchor build`"


def is_anchor(root: Path) -> bool:
    """Whether a finished archive is in the folder `root`."""
    return (root / "anchor.json").is_file()


def anchor_digest(segments: Sequence[str]) -> str:
    """The digest of an archive of these segments."""
    return digest_json(sorted(segments))


def _segment(root: Path, digest: str) -> Segment:
    try:
        segment = Segment.open(root / "segments" / digest)
    except (OSError, ValueError) as error:
        what = f"segment {digest} cannot be read: {error}"
        raise InputError(Problem(str(root), what, accepted=_ACCEPTED)) from error
    if segment.digest != digest:
        raise InputError(Problem(str(root), f"segment {digest} was changed", accepted=_ACCEPTED))
    return segment


def _mapped(path: Path) -> npt.NDArray[Any]:
    """The array in the file, mapped; an empty one cannot be."""
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:
        return np.load(path, allow_pickle=False)


def _hint_large_pages(array: npt.NDArray[Any]) -> None:
    """Have a mapped array read in large pages, where the system can: all of it is passed through.

    Mapping 64 KiB of 4 KiB pages costs what mapping 2 MiB at once does.
    """
    if isinstance(array, np.memmap) and hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):  # a system without large pages
            vars(array)["_mmap"].madvise(mmap.MADV_HUGEPAGE)
