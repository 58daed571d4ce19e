"""An archive's stream as records, in order, each whole or rejected with its reason.

The declared length is checked against what follows. A block that comes up short is never handed
on; a length that is wrong (no line end after the block, another record inside it) rejects the
record and the reading goes on at the next verified head.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from provenance.sources.heads import Dialect
from provenance.sources.limits import Limits
from provenance.sources.members import Fault, Piece
from provenance.sources.records import Head, Record, Reject
from provenance.sources.window import Window

_REASON_OF_FAULT = {
    "damaged": "damaged_record",
    "truncated": "truncated_record",
    "bomb": "decompression_bomb",
    "garbage": "damaged_record",
}

#: Pieces of the same file from another offset; None where the file cannot be entered anywhere.
Reopen = Callable[[int], Iterable[Piece]]


class ArchiveReader:
    """Iterates over the records that begin before the file offset `stop`.

    Afterwards `end` is where the first record it did not read begins, or `size`, that of the file.
    """

    def __init__(
        self,
        window: Window,
        dialect: Dialect,
        *,
        stop: int,
        size: int,
        limits: Limits,
        reopen: Reopen | None = None,
    ) -> None:
        self.end = size
        self._window = window
        self._dialect = dialect
        self._stop = stop
        self._limits = limits
        self._reopen = reopen

    def __iter__(self) -> Iterator[Record | Reject]:
        window = self._window
        while True:
            member = window.lone_member()
            record = member and self._lone(member)
            if member and record and member.offset < self._stop:
                window.pass_over(member)
                yield record
                continue
            window.inside = False
            if window.skip_newlines():
                if window.anchor() >= self._stop:
                    self.end = window.anchor()
                    return
                if self._dialect.begins(window.buffer, window.at):
                    yield self._record()
                else:
                    yield self._garbage()
            elif window.fault is not None:
                if window.fault.offset >= self._stop:
                    self.end = window.fault.offset
                    return
                yield self._between(window.fault)
                window.fault = None
            else:
                return

    def _lone(self, member: Piece) -> Record | None:
        """The record that is all there is in `member`, as `_record` would read it; None unless
        header, length and ending are as everybody writes them."""
        found = self._dialect.regular_head(member.data, 0)
        if found is None:
            return None
        head, begin = found
        end = begin + head.length
        is_all = len(member.data) == end + 4 and member.data.endswith(b"\r\n\r\n")
        if (
            not is_all
            or begin > self._limits.header_bytes
            or head.length > self._limits.record_bytes
        ):
            return None
        return Record(member.offset, head, member.data, begin)

    def _garbage(self) -> Reject:
        position = self._window.begin_record()
        n_bytes = self._scan()
        return Reject(position, "garbage_bytes", f"{n_bytes} bytes", is_record=False)

    def _between(self, fault: Fault) -> Reject:
        """A fault outside any record: a whole record lost, unless the member had given its own."""
        is_known = fault.offset == self._window.member and fault.kind != "bomb"
        if fault.kind == "garbage" or is_known:
            return Reject(fault.offset, "garbage_bytes", fault.detail, is_record=False)
        return Reject(fault.offset, _REASON_OF_FAULT[fault.kind], fault.detail)

    def _scan(self) -> int:
        return self._window.scan(self._dialect.find, overlap=self._dialect.head_bytes)

    def _record(self) -> Record | Reject:
        window = self._window
        window.inside = True
        position = window.begin_record()
        head = self._dialect.read_head(window, self._limits.header_bytes)
        if isinstance(head, str):
            return self._bad_head(position, head)
        if head.length > self._limits.record_bytes:
            return self._too_large(position, head)
        block = window.take(head.length)
        if len(block) < head.length:
            return self._short(position, head, block)
        return self._confirmed(position, head, block)

    def _bad_head(self, position: int, problem: str) -> Reject:
        window = self._window
        if window.fault is not None:
            return self._broken(position, None, problem)
        if window.held is None:
            self._scan()
        else:
            window.at = len(window.buffer)
        return Reject(position, "bad_header", problem)

    def _broken(self, position: int, head: Head | None, have: str) -> Reject:
        """The record that the stream's fault falls into."""
        window, fault = self._window, self._window.fault
        if fault is None:
            raise AssertionError("no fault to charge the record with")
        window.fault = None
        window.at = len(window.buffer)
        detail = f"{have}: {fault.detail}"
        if head is None:
            return Reject(position, _REASON_OF_FAULT[fault.kind], detail)
        return _reject(position, head, _REASON_OF_FAULT[fault.kind], detail)

    def _confirmed(self, position: int, head: Head, block: bytes) -> Record | Reject:
        """The record, if what comes after its block is what may come after a block."""
        window = self._window
        is_ended = window.peek() in (b"\r", b"\n")
        more = window.skip_newlines()
        fault = window.fault
        if not more and fault is not None and self._is_charged(fault):
            return self._broken(position, head, f"{head.length} of {head.length} bytes")
        if not more or is_ended or not block or self._dialect.begins(window.buffer, window.at):
            return Record(position, head, block)
        return self._wrong_length(position, head, block)

    def _is_charged(self, fault: Fault) -> bool:
        """Whether a fault after the last byte of a block means that the block may be wrong: its
        checksum failed. A file cut inside the checksum leaves the block as declared."""
        return fault.offset == self._window.member and fault.kind in ("damaged", "bomb")

    def _wrong_length(self, position: int, head: Head, block: bytes) -> Reject:
        window = self._window
        inner = self._dialect.find(block, 0)
        if inner >= 0:
            window.unread(block[inner:])
            detail = f"Content-Length is {head.length}, but the next record begins after {inner}"
            return _reject(position, head, "damaged_record", detail)
        tail = block[-self._dialect.head_bytes :]  # the next head may begin in the block's end
        window.unread(tail)
        n_more = self._scan() - len(tail)
        detail = f"Content-Length is {head.length}, but the next record begins {n_more} bytes later"
        return _reject(position, head, "damaged_record", detail)

    def _short(self, position: int, head: Head, block: bytes) -> Reject:
        window = self._window
        have = f"{len(block)} of {head.length} bytes"
        inner = self._dialect.find(block, 0)
        if inner >= 0:
            window.unread(block[inner:])
            detail = f"Content-Length is {head.length}, but the next record begins after {inner}"
            return _reject(position, head, "damaged_record", detail)
        if window.fault is not None:
            return self._broken(position, head, have)
        if window.held is not None:
            return _reject(position, head, "damaged_record", f"{have}: its member ends there")
        return _reject(position, head, "truncated_record", have)

    def _too_large(self, position: int, head: Head) -> Reject:
        """Pass over the block without holding it. In a plain file a length that leads nowhere is
        not believed: the reading goes on at the next head."""
        window = self._window
        reject = _reject(position, head, "record_too_large", f"{head.length} bytes declared")
        if self._reopen is None:
            n_passed = window.skip(head.length)
            if n_passed < head.length and window.fault is not None:
                return self._broken(position, head, f"{n_passed} of {head.length} bytes")
            return reject
        begin = window.anchor()
        window.restart(self._reopen(begin + head.length))
        if not window.pull() or not _is_landing(window, self._dialect):
            window.restart(self._reopen(begin))
            self._scan()
        return reject


def _is_landing(window: Window, dialect: Dialect) -> bool:
    return window.buffer[:1] in (b"\r", b"\n") or dialect.begins(window.buffer)


def _reject(position: int, head: Head, reason: str, detail: str) -> Reject:
    return Reject(position, reason, detail, head.record_id, head.url)
