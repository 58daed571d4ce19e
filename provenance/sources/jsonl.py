"""JSON Lines as rows: one object a line, plain or compressed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from provenance.sources.columns import Columns
from provenance.sources.limits import Limits
from provenance.sources.members import Fault, Piece
from provenance.sources.records import Document, Reject
from provenance.sources.tabular import text_document

_REASON_OF_FAULT = {
    "damaged": "damaged_record",
    "truncated": "truncated_record",
    "bomb": "decompression_bomb",
}


class JsonlReader:
    """Iterates over the lines that begin before `stop`, a position in the uncompressed data.

    A line's position is the offset of its first byte in the uncompressed data (what could be
    decompressed, after damage). Afterwards `end` is that of the first line it did not read.
    """

    def __init__(
        self, pieces: Iterable[Piece], start: int, *, stop: int | None, columns: Columns,
        limits: Limits,
    ) -> None:  # fmt: skip
        self.end = start
        self._pieces = pieces
        self._stop = stop
        self._columns = columns
        self._limits = limits
        self._parts: list[bytes] = []
        self._n_held = 0
        self._n_dropped = 0

    def __iter__(self) -> Iterator[Document | Reject]:
        for piece in self._pieces:
            if piece.fault is not None:
                yield self._broken(piece.fault)
                continue
            *ended, rest = piece.data.split(b"\n")
            for line in ended:
                if self._is_past():
                    return
                self._hold(line)
                yield from self._row(1)
            self._hold(rest)
        if not self._is_past():
            yield from self._row(0)

    def _is_past(self) -> bool:
        return self._stop is not None and self.end >= self._stop

    def _hold(self, part: bytes) -> None:
        """Keep a part of the current line, unless the line is too long already."""
        if self._n_held + len(part) > self._limits.line_bytes:
            self._n_dropped += self._n_held + len(part)
            self._parts.clear()
            self._n_held = 0
        elif self._n_dropped:
            self._n_dropped += len(part)
        elif part:
            self._parts.append(part)
            self._n_held += len(part)

    def _row(self, n_ending: int) -> Iterator[Document | Reject]:
        position = self.end
        self.end += self._n_held + self._n_dropped + n_ending
        if self._n_dropped:
            yield Reject(position, "line_too_long", f"{self._n_dropped} bytes")
        else:
            line = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
            if line and not line.isspace():
                yield row_of(position, line, self._columns)
        self._parts, self._n_held, self._n_dropped = [], 0, 0

    def _broken(self, fault: Fault) -> Reject:
        position = self.end
        self.end += self._n_held + self._n_dropped
        self._parts, self._n_held, self._n_dropped = [], 0, 0
        if fault.kind == "garbage":
            return Reject(position, "garbage_bytes", fault.detail, is_record=False)
        return Reject(position, _REASON_OF_FAULT[fault.kind], fault.detail)


def row_of(position: int, line: bytes, columns: Columns) -> Document | Reject:
    """The document of one line, or what is wrong with it."""
    try:
        row = json.loads(line.removeprefix(b"\xef\xbb\xbf").decode())
    except UnicodeDecodeError as error:
        return Reject(position, "invalid_utf8", f"byte {error.start} of the line")
    except (ValueError, RecursionError) as error:
        return Reject(position, "invalid_json", str(error)[:200])
    if not isinstance(row, dict):
        return Reject(position, "invalid_json", f"a {type(row).__name__}, not an object")
    return text_document(position, row, columns)
