"""What a reader hands on: a record, or the reason why there is none."""

from __future__ import annotations

from typing import NamedTuple


class Head(NamedTuple):
    """The header of one archive record, as far as we use it.

    kind: WARC-Type in lower case. length: declared bytes of the block. media_type: of the block,
    as declared. is_segment: the record holds only the first part of its block.
    """

    kind: str
    length: int
    url: str | None = None
    date: str | None = None
    record_id: str | None = None
    media_type: str = ""
    truncated: str | None = None
    refers_to: str | None = None
    is_segment: bool = False


class Record(NamedTuple):
    """One whole archive record. position: see `Window`. Its block begins at `data[begin]`; a page
    is large, and `block` copies it unless it is all of `data`."""

    position: int
    head: Head
    data: bytes
    begin: int = 0

    @property
    def end(self) -> int:
        return self.begin + self.head.length

    @property
    def block(self) -> bytes:
        return self.data[self.begin : self.end]


class Document(NamedTuple):
    """One row of the source columns, less the file's own. captured_us: since 1970, UTC.

    payload: None for a row of the user's own table that has no text.
    """

    position: int
    payload: bytes | memoryview | None
    media_type: str
    headers: dict[str, str]
    record_id: str | None = None
    url: str | None = None
    captured_us: int | None = None
    truncated: str | None = None
    #: What doc_id is the hash of; None = the file's name and the position.
    identity: str | None = None


class Reject(NamedTuple):
    """A record that is no document, or (is_record false) bytes or a file that are no record."""

    position: int
    reason: str
    detail: str | None = None
    record_id: str | None = None
    url: str | None = None
    is_record: bool = True
