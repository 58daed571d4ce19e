"""The decompressed stream as one buffer that moves forward, and knows where in the file it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from provenance.sources.members import Begins, Fault, Piece

_NEWLINES = re.compile(rb"[\r\n]*")


class Window:
    """`buffer[at:]` is what comes next; `pull` makes it longer.

    exact: a plain file, whose positions are byte offsets. Otherwise the k-th record (from 0) that
    begins in the member at offset m has position m + k: unique, since a record takes bytes.

    inside: a record is being read, so that the stream stops (`held`) before a member that begins
    another one: a record cut short by its member must not swallow its neighbour.
    """

    def __init__(self, pieces: Iterable[Piece], *, begins: Begins, exact: bool) -> None:
        self.buffer = b""
        self.at = 0
        self.inside = False
        self.fault: Fault | None = None
        self.held: Piece | None = None
        self.member = -1
        self._pieces = iter(pieces)
        self._begins = begins
        self._exact = exact
        self._origin = 0
        self._marks: list[tuple[int, int]] = []
        self._counted_member = -1
        self._n_begun = 0

    def restart(self, pieces: Iterable[Piece]) -> None:
        """Go on with other pieces, forgetting what is buffered."""
        self._pieces = iter(pieces)
        self.buffer, self.at, self.held, self.fault = b"", 0, None, None

    def lone_member(self) -> Piece | None:
        """The member that comes next, if nothing is buffered before it and it came whole."""
        if self.at < len(self.buffer) or self.fault is not None:
            return None
        if self.held is None:
            self.held = next(self._pieces, None)
        return self.held if self.held is not None and self.held.is_whole else None

    def pass_over(self, member: Piece) -> None:
        """Leave out the member that comes next: the one record in it was read elsewhere."""
        self.buffer, self.at, self.held = b"", 0, None
        self.member = member.offset

    def pull(self) -> bool:
        """Make the buffer longer. False at a fault, at the end, or (inside) at a held member."""
        if self.fault is not None:
            return False
        piece = self.held or next(self._pieces, None)
        self.held = None
        if piece is None:
            return False
        if piece.fault is not None:
            self.fault = piece.fault
            return False
        if piece.is_head and self.inside and self._begins(piece.data):
            self.held = piece
            return False
        self._append(piece)
        return True

    def _append(self, piece: Piece) -> None:
        at = self.at
        n_left = len(self.buffer) - at
        self.buffer = self.buffer[at:] + piece.data if n_left else piece.data
        self.at = 0
        self.member = piece.offset
        if self._exact:
            self._origin = piece.offset - n_left
            return
        if piece.is_head:
            marks = [(index - at, offset) for index, offset in self._marks] if n_left else []
            self._marks = [*marks, (n_left, piece.offset)]
        elif at:
            self._marks = [(index - at, offset) for index, offset in self._marks]

    def anchor(self) -> int:
        """The offset of the member (plain: of the byte) that comes next."""
        if self._exact:
            return self._origin + self.at
        marks = self._marks
        while len(marks) > 1 and marks[1][0] <= self.at:
            del marks[0]
        return marks[0][1]

    def begin_record(self) -> int:
        """The position of the record that begins here. Once per record."""
        member = self.anchor()
        if self._exact:
            return member
        self._n_begun = self._n_begun + 1 if member == self._counted_member else 0
        self._counted_member = member
        return member + self._n_begun

    def skip_newlines(self) -> bool:
        """Whether a byte that is no newline comes next, after any newlines."""
        while True:
            newlines = _NEWLINES.match(self.buffer, self.at)
            self.at = newlines.end() if newlines else self.at
            if self.at < len(self.buffer):
                return True
            if not self.pull():
                return False

    def peek(self) -> bytes:
        """The next byte, or none where the stream stops."""
        if self.at == len(self.buffer):
            self.pull()
        return self.buffer[self.at : self.at + 1]

    def take(self, n_bytes: int) -> bytes:
        """The next `n_bytes`; fewer where the stream stops."""
        end = self.at + n_bytes
        if end <= len(self.buffer):
            data = self.buffer[self.at : end]
            self.at = end
            return data
        parts: list[bytes] = []
        self._drain(n_bytes, parts.append)
        return b"".join(parts)

    def skip(self, n_bytes: int) -> int:
        """How many of the next `n_bytes` were there to be passed over."""
        n_passed = 0

        def count(part: bytes) -> None:
            nonlocal n_passed
            n_passed += len(part)

        self._drain(n_bytes, count)
        return n_passed

    def _drain(self, n_bytes: int, give: Callable[[bytes], object]) -> None:
        while n_bytes > 0:
            part = self.buffer[self.at : self.at + n_bytes]
            self.at += len(part)
            n_bytes -= len(part)
            give(part)
            if n_bytes > 0 and not self.pull():
                return

    def unread(self, data: bytes) -> None:
        """Put back `data`, the last bytes taken."""
        shift = len(data) - self.at
        self.buffer = data + self.buffer[self.at :]
        self.at = 0
        self._origin -= shift
        self._marks = [(index + shift, offset) for index, offset in self._marks]

    def scan(self, find: Callable[[bytes, int], int], *, overlap: int) -> int:
        """Pass over everything before the next hit of `find`, or what comes before the stream
        stops. Returns how many bytes that was. `overlap`: how long a hit may be."""
        n_passed = 0
        while True:
            hit = find(self.buffer, self.at)
            stop = hit if hit >= 0 else max(self.at, len(self.buffer) - overlap)
            n_passed += stop - self.at
            self.at = stop
            if hit >= 0:
                return n_passed
            if not self.pull():
                n_passed += len(self.buffer) - self.at
                self.at = len(self.buffer)
                return n_passed
