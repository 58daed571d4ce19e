"""A slice read into batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provenance.sources.archive import ArchiveReader
from provenance.sources.codecs import codec
from provenance.sources.columns import Columns
from provenance.sources.heads import DIALECTS, begins_line
from provenance.sources.jsonl import JsonlReader
from provenance.sources.limits import Limits
from provenance.sources.members import Begins, Members, Piece, plain_pieces
from provenance.sources.open import ByteSource, open_source
from provenance.sources.pages import page
from provenance.sources.parquet import ParquetReader
from provenance.sources.records import Document, Record, Reject
from provenance.sources.rows import Rows, SourceBatch
from provenance.sources.slices import Slice
from provenance.sources.window import Window

#: An archive's members are handed on whole up to this size: crawlers cut pages at 1 to 5 MiB.
WHOLE_BYTES = 2**21


class SliceReader:
    """Iterates, once, over the batches of a slice.

    Afterwards `n_records` is how many records it met (documents and rejects together), `end` where
    the first record after them begins, and `sha256` the digest of the bytes `hashed` of the file,
    in hex; None unless those were asked for.
    """

    def __init__(
        self, part: Slice, *, columns: Columns | None = None, limits: Limits | None = None,
        batch_size: int = 1024, hashed: range | None = None,
    ) -> None:  # fmt: skip
        self.n_records = 0
        self.end = part.end
        self.sha256: str | None = None
        self._hashed = hashed
        self._part = part
        self._columns = columns or Columns()
        self._limits = limits or Limits()
        self._batch_size = batch_size

    def __iter__(self) -> Iterator[SourceBatch]:
        part = self._part
        rows = Rows(part.uri, part.name, batch_size=self._batch_size)
        with open_source(part.uri) as source:
            if self._hashed is not None:
                source.watch(self._hashed)
            for row in self._rows(source):
                self.n_records += not isinstance(row, Reject) or row.is_record
                if rows.add(row):
                    yield rows.flush()
            if self._hashed is not None:
                self.sha256 = source.digest()
        if rows:
            yield rows.flush()

    def _rows(self, source: ByteSource) -> Iterator[Document | Reject]:
        part = self._part
        if source.size == 0:
            yield Reject(0, "empty_file", is_record=False)
            return
        if part.format == "parquet":
            yield from ParquetReader(source, part.start, stop=part.end, columns=self._columns)
            return
        if part.format == "jsonl":
            yield from self._lines(source)
        else:
            yield from self._pages(source)
        if self.n_records == 0 and part.start == 0 and part.end == source.size:
            yield Reject(0, "no_records", part.format, is_record=False)

    def _lines(self, source: ByteSource) -> Iterator[Document | Reject]:
        part = self._part
        reader = JsonlReader(
            _pieces(source, part, begins_line, self._limits),
            part.start,
            stop=None if part.compression else part.end,
            columns=self._columns,
            limits=self._limits,
        )
        yield from reader
        if not part.compression:
            self.end = reader.end

    def _pages(self, source: ByteSource) -> Iterator[Document | Reject]:
        part, limits = self._part, self._limits
        dialect = DIALECTS[part.format]
        is_plain = not part.compression
        pieces = _pieces(source, part, dialect.begins, limits, whole_bytes=WHOLE_BYTES)
        window = Window(pieces, begins=dialect.begins, exact=is_plain)
        reader = ArchiveReader(
            window,
            dialect,
            stop=part.end,
            size=source.size,
            limits=limits,
            reopen=(lambda offset: plain_pieces(source, offset)) if is_plain else None,
        )
        for record in reader:
            yield page(record, limits) if isinstance(record, Record) else record
        self.end = reader.end


def _pieces(
    source: ByteSource, part: Slice, begins: Begins, limits: Limits, *, whole_bytes: int = 0
) -> Iterable[Piece]:
    chosen = codec(part.compression, source)
    if chosen is None:
        return plain_pieces(source, part.start)
    return Members(
        source, chosen, part.start, begins=begins, limits=limits, whole_bytes=whole_bytes
    )


def read_slice(
    part: Slice, *, columns: Columns | None = None, limits: Limits | None = None,
    batch_size: int = 1024, hashed: range | None = None,
) -> SliceReader:  # fmt: skip
    """The batches of a slice; iterate once, then ask `n_records`, `end` and `sha256`."""
    return SliceReader(part, columns=columns, limits=limits, batch_size=batch_size, hashed=hashed)
