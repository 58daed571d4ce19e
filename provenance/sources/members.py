"""A file as pieces of decompressed data, member by member, with damage stepped over.

A gzip member, zstd frame or lz4 frame that does not decode is given up as far as it decoded; the
reading goes on at the next *verified* head: the codec's magic bytes, from which a trial
decompression yields the beginning of a record. A plain file is all one member.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple

from provenance.sources.codecs import DECODE_ERRORS, Codec, skippable_bytes
from provenance.sources.limits import Limits
from provenance.sources.open import BLOCK_BYTES, ByteSource

#: Whether these decompressed bytes are the beginning of a record.
Begins = Callable[[bytes], bool]

#: A trial decompression gives up after so many input bytes (lz4 blocks reach 4 MiB) ...
TRIAL_INPUT_BYTES = 2**22
#: ... and is content with so many output bytes: a WARC version line and one field name.
TRIAL_OUTPUT_BYTES = 2**10
TRIAL_STEP_BYTES = 2**9
#: A damaged member up to this size is decoded once more in small steps, to keep more of it.
SALVAGE_LIMIT_BYTES = 2**24
SALVAGE_STEP_BYTES = 2**5


class Fault(NamedTuple):
    """Where the stream breaks. kind: "garbage" (bytes of no member), "damaged", "truncated" (the
    file ends inside a member) or "bomb". offset: of the member or the garbage."""

    kind: str
    offset: int
    detail: str


class Piece(NamedTuple):
    """Some decompressed bytes of the member at `offset`; of a plain file, the bytes at `offset`.

    is_head: the first of its member. fault: the stream breaks here, and data is empty.
    is_whole: all of its member, which decoded to its end.
    """

    offset: int
    data: bytes
    is_head: bool
    fault: Fault | None = None
    is_whole: bool = False


def plain_pieces(source: ByteSource, start: int) -> Iterator[Piece]:
    """The file from `start` as it is."""
    offset = start
    while data := source.read_at(offset, BLOCK_BYTES):
        yield Piece(offset, data, is_head=False)
        offset += len(data)


class Members:
    """The pieces of a compressed file from `start`, a member's head, to its end.

    whole_bytes: a sound member that decodes to no more than this comes in one piece.
    """

    __slots__ = ("_begins", "_codec", "_limits", "_source", "_start", "_whole_bytes")

    def __init__(
        self, source: ByteSource, codec: Codec, start: int, *, begins: Begins, limits: Limits,
        whole_bytes: int = 0,
    ) -> None:  # fmt: skip
        self._source = source
        self._codec = codec
        self._start = start
        self._begins = begins
        self._limits = limits
        self._whole_bytes = min(whole_bytes, limits.bomb_bytes)  # what is whole is no bomb

    def __iter__(self) -> Iterator[Piece]:
        offset = self._start
        magic = self._codec.magic
        while offset < self._source.size:
            head = self._source.view(offset, 8)
            if len(head) < 8:
                head = memoryview(self._source.read_at(offset, 8))
            if head[: len(magic)] == magic:
                if self._whole_bytes and (whole := self._whole(offset)):
                    data, end = whole
                    if data:
                        yield Piece(offset, data, True, is_whole=True)
                    offset = end
                else:
                    offset = yield from self._member(offset)
            elif (n_skipped := skippable_bytes(bytes(head))) is not None:
                offset += n_skipped
            else:
                offset = yield from self._garbage(offset)

    def _whole(self, offset: int) -> tuple[bytes, int] | None:
        """All of the member at `offset`, and where it ends. None for one that is large or broken,
        which is then decoded once more, piece by piece."""
        decoder = self._codec.decoder()
        position, n_made = offset, 0
        parts: list[bytes] = []
        while not decoder.eof:
            raw = self._source.view(position, self._codec.piece_bytes)
            try:
                data = decoder.decompress(raw) if raw else b""
            except DECODE_ERRORS:
                return None
            n_made += len(data)
            if not raw or n_made > self._whole_bytes:
                return None
            position += len(raw)
            parts.append(data)
        return b"".join(parts), position - len(decoder.unused_data or b"")

    def _member(self, offset: int) -> Generator[Piece, None, int]:
        """The pieces of the member at `offset`; the generator returns where to go on."""
        decoder = self._codec.decoder()
        position, n_made, is_head = offset, 0, True
        while not decoder.eof:
            raw = self._source.view(position, self._codec.piece_bytes)
            if not raw:
                return (yield from self._cut_off(offset))
            try:
                data = decoder.decompress(raw)
            except DECODE_ERRORS as error:
                for data in self._salvage(offset, n_made, position + len(raw)):
                    yield Piece(offset, data, is_head)
                    is_head = False
                return (yield from self._damaged(offset, position, str(error)))
            position += len(raw)
            if data:
                yield Piece(offset, data, is_head)
                is_head = False
                n_made += len(data)
                if n_made > self._limits.bomb_bytes and self._is_bomb(n_made, position - offset):
                    position -= len(decoder.unused_data or b"")
                    return (yield from self._bomb(offset, position, n_made))
        return position - len(decoder.unused_data or b"")

    def _is_bomb(self, n_made: int, n_read: int) -> bool:
        return n_made > self._limits.bomb_ratio * n_read

    def _salvage(self, offset: int, n_known: int, end: int) -> Iterator[bytes]:
        """What decodes of the broken member before the damage, beyond the first `n_known` bytes."""
        if end - offset > SALVAGE_LIMIT_BYTES:
            return
        decoder = self._codec.decoder()
        n_made = 0
        try:
            for position in range(offset, end, SALVAGE_STEP_BYTES):
                step = min(SALVAGE_STEP_BYTES, end - position)
                data = decoder.decompress(self._source.read_at(position, step))
                n_made += len(data)
                if n_made > n_known:
                    yield data[max(0, len(data) - (n_made - n_known)) :]
                    n_known = n_made
        except DECODE_ERRORS:
            return

    def _damaged(self, offset: int, position: int, error: str) -> Generator[Piece, None, int]:
        resume = self._next_head(offset + 1)
        detail = f"does not decode near byte {position} ({error}); {self._goes_on(resume)}"
        yield Piece(offset, b"", False, Fault("damaged", offset, detail))
        return resume

    def _cut_off(self, offset: int) -> Generator[Piece, None, int]:
        """The file ended inside the member: truncated, unless a damaged member ran on."""
        resume = self._next_head(offset + 1)
        kind = "truncated" if resume == self._source.size else "damaged"
        detail = f"the member at byte {offset} does not end; {self._goes_on(resume)}"
        yield Piece(offset, b"", False, Fault(kind, offset, detail))
        return resume

    def _bomb(self, offset: int, position: int, n_made: int) -> Generator[Piece, None, int]:
        resume = self._next_head(position)
        n_read = position - offset
        detail = f"{n_read} bytes had grown to {n_made}; {self._goes_on(resume)}"
        yield Piece(offset, b"", False, Fault("bomb", offset, detail))
        return resume

    def _garbage(self, offset: int) -> Generator[Piece, None, int]:
        resume = self._next_head(offset + 1)
        detail = f"{resume - offset} bytes"
        yield Piece(offset, b"", False, Fault("garbage", offset, detail))
        return resume

    def _next_head(self, start: int) -> int:
        head = next_head(self._source, self._codec, start, begins=self._begins)
        return self._source.size if head is None else head

    def _goes_on(self, resume: int) -> str:
        if resume == self._source.size:
            return "nothing readable follows"
        return f"reading goes on at byte {resume}"


def next_head(
    source: ByteSource, codec: Codec, start: int, *, begins: Begins, stop: int | None = None
) -> int | None:
    """The offset of the first verified head from `start` on (before `stop`, roughly), or None."""
    while (start := _find(source, codec.magic, start, stop or source.size)) >= 0:
        if begins(trial(source, codec, start)):
            return start
        start += 1
    return None


def _find(source: ByteSource, magic: bytes, start: int, stop: int) -> int:
    """Like bytes.find over the file."""
    overlap = len(magic) - 1
    while start < stop and (data := source.read_at(start, BLOCK_BYTES)):
        hit = data.find(magic)
        if hit >= 0:
            return start + hit
        if len(data) <= overlap:
            break
        start += len(data) - overlap
    return -1


def trial(source: ByteSource, codec: Codec, offset: int) -> bytes:
    """The first decompressed bytes of a member at `offset`; empty when it does not decode."""
    decoder = codec.decoder()
    data = b""
    position = offset
    while (
        not decoder.eof
        and len(data) < TRIAL_OUTPUT_BYTES
        and position - offset < TRIAL_INPUT_BYTES
        and (raw := source.read_at(position, TRIAL_STEP_BYTES))
    ):
        try:
            data += decoder.decompress(raw)
        except DECODE_ERRORS:
            return b""
        position += len(raw)
    return data
