"""Files cut into slices.

A slice is the unit of work: whole records, found again by two numbers. Its boundaries are heads
found by looking forward from multiples of the wanted size, and verified by decoding from there.
One thing can deceive that: an archive stored inside a payload of another. So a reader reports
where it `end`ed: where that is not the next slice's `start`, the next slice really begins there.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from provenance.sources.archive import ArchiveReader
from provenance.sources.codecs import codec
from provenance.sources.heads import DIALECTS, Dialect
from provenance.sources.inputs import InputFile
from provenance.sources.limits import Limits
from provenance.sources.members import next_head, plain_pieces
from provenance.sources.open import ByteSource, is_remote, local_path, open_source
from provenance.sources.parquet import open_parquet
from provenance.sources.records import Record
from provenance.sources.window import Window

#: How far from its nominal offset a boundary is looked for; beyond, the slice grows instead.
BOUNDARY_SEARCH_BYTES = 2**22
LINE_READ_BYTES = 2**14


@dataclass(frozen=True, slots=True)
class Slice:
    """The records of a file that begin in [start, end): byte offsets, or for Parquet the indexes
    of row groups. Compressed JSON Lines is never cut. Every field is plain JSON."""

    uri: str
    name: str
    format: str
    compression: str
    start: int
    end: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Self:
        return cls(**fields)


def cut(files: Iterable[InputFile], *, slice_bytes: int) -> list[Slice]:
    """The slices of all files, in order, each about `slice_bytes` of the file. Raises OSError."""
    return [part for file in files for part in _cut_file(file, slice_bytes)]


def hashed_part(slices: Sequence[Slice], index: int) -> range | None:
    """The bytes of its file whose digest slice `index` takes; None where that would cost a fetch.

    The parts of a file follow each other and make up the whole. They are the slices themselves,
    but for Parquet, whose slices are no byte ranges and which is not read in order: there a local
    file is dealt out in equal parts, and a remote one is not hashed.
    """
    one = slices[index]
    if one.format != "parquet":
        return range(one.start, one.end)
    if is_remote(one.uri):
        return None
    before = sum(1 for _ in itertools.takewhile(_is_of(one.uri), reversed(slices[:index])))
    after = sum(1 for _ in itertools.takewhile(_is_of(one.uri), slices[index + 1 :]))
    n_parts, size = before + 1 + after, local_path(one.uri).stat().st_size
    return range(size * before // n_parts, size * (before + 1) // n_parts)


def _is_of(uri: str) -> Callable[[Slice], bool]:
    return lambda other: other.uri == uri


def _cut_file(file: InputFile, slice_bytes: int) -> list[Slice]:
    with open_source(file.uri) as source:
        if file.format == "parquet":
            bounds = _row_group_bounds(source, slice_bytes)
        else:
            bounds = _byte_bounds(source, file, slice_bytes)
    return [
        Slice(file.uri, file.name, file.format, file.compression, start, end)
        for start, end in itertools.pairwise(bounds)
    ]


def _row_group_bounds(source: ByteSource, slice_bytes: int) -> list[int]:
    try:
        metadata = open_parquet(source).metadata
    except (OSError, ValueError):  # read, and reported, as one slice
        return [0, 1]
    bounds = [0]
    n_bytes = 0
    for group in range(metadata.num_row_groups):
        if n_bytes >= slice_bytes:
            bounds.append(group)
            n_bytes = 0
        n_bytes += metadata.row_group(group).total_byte_size
    return [*bounds, metadata.num_row_groups]


def _byte_bounds(source: ByteSource, file: InputFile, slice_bytes: int) -> list[int]:
    bounds = [0]
    if file.format != "jsonl" or not file.compression:
        nominal = slice_bytes
        while nominal < source.size:
            found = _boundary(source, file, nominal)
            if found is not None and bounds[-1] < found < source.size:
                bounds.append(found)
            nominal = max(nominal, bounds[-1]) // slice_bytes * slice_bytes + slice_bytes
    return [*bounds, source.size]


def _boundary(source: ByteSource, file: InputFile, nominal: int) -> int | None:
    """The first verified head at or after `nominal`, if it is near."""
    if file.format == "jsonl":
        return _line_start(source, nominal)
    dialect = DIALECTS[file.format]
    stop = nominal + BOUNDARY_SEARCH_BYTES
    if (chosen := codec(file.compression, source)) is not None:
        return next_head(source, chosen, nominal, begins=dialect.begins, stop=stop)
    return _plain_head(source, dialect, nominal)


def _line_start(source: ByteSource, nominal: int) -> int | None:
    offset = nominal - 1
    while data := source.read_at(offset, LINE_READ_BYTES):
        hit = data.find(b"\n")
        if hit >= 0:
            return offset + hit + 1
        offset += len(data)
    return None


def _plain_head(source: ByteSource, dialect: Dialect, nominal: int) -> int | None:
    """The first head after a line end from which a whole record can be read."""
    data = source.read_at(nominal - 1, BOUNDARY_SEARCH_BYTES)
    hit = 0
    while (hit := dialect.find(data, hit + 1)) >= 0:
        offset = nominal - 1 + hit
        if data[hit - 1 : hit] == b"\n" and _is_whole(source, dialect, offset):
            return offset
    return None


def _is_whole(source: ByteSource, dialect: Dialect, offset: int) -> bool:
    window = Window(plain_pieces(source, offset), begins=dialect.begins, exact=True)
    reader = ArchiveReader(window, dialect, stop=source.size, size=source.size, limits=Limits())
    return isinstance(next(iter(reader), None), Record)
