"""The two archive formats: where a record begins, and what its header says.

WARC: ISO 28500. ARC: the Internet Archive's version 1 and 2 of 1996. Read leniently: names in any
case, lone line feeds, folded lines, any charset.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from provenance.sources.records import Head
from provenance.sources.window import Window


class Dialect(Protocol):
    """An archive format, as the record reader sees it."""

    @property
    def head_bytes(self) -> int:
        """How much of a head `find` needs to see."""

    def begins(self, data: bytes, at: int = 0) -> bool:
        """Whether a record begins at `data[at]`."""

    def find(self, data: bytes, start: int) -> int:
        """Where the next verified record begins, or -1."""

    def read_head(self, window: Window, limit_bytes: int) -> Head | str:
        """The header that begins at the window, now passed over; or what is wrong with it."""

    def regular_head(self, data: bytes, at: int) -> tuple[Head, int] | None:
        """The header at `data[at]` as `read_head` would read it, and where it ends, if it is all
        there and written the way everybody does; None for any other, which costs more to read."""


def text_of(data: bytes) -> str:
    """`data` as UTF-8, or as Latin-1 where it is not."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


_FIELD = re.compile(r"([^:\r\n]+):[ \t]*([^\r\n]*)")
_FOLDED = re.compile(r"\r?\n[ \t]+")
_ASCII_SPACE = " \t\n\r\x0b\x0c"


def fields_of(data: bytes) -> list[tuple[str, str]]:
    """The `name: value` lines of a header, names in lower case; lines without colon are skipped.
    Each name and value is read as by `text_of`."""
    text = data.decode("latin-1")
    if "\n " in text or "\n\t" in text:
        text = _FOLDED.sub(" ", text)
    found = _FIELD.findall(text)
    if text.isascii():
        return [
            (name.strip(_ASCII_SPACE).lower(), value.rstrip(_ASCII_SPACE)) for name, value in found
        ]
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in found]
    return [(text_of(name.strip().lower()), text_of(value.rstrip())) for name, value in raw]


def find_header_end(data: bytes, start: int, stop: int | None = None) -> tuple[int, int]:
    """Where the first empty line in `data[start:stop]` begins and ends; (-1, -1) for none."""
    mixed = data.find(b"\n\r\n", start, stop)
    bare = data.find(b"\n\n", start, mixed + 1 if mixed >= 0 else stop)
    if bare >= 0:
        return bare + 1, bare + 2
    if mixed >= 0:
        return mixed + 1, mixed + 3
    doubled = data.find(b"\n\r\r\n", start, stop)  # a text-mode copy on Windows
    return (doubled + 1, doubled + 4) if doubled >= 0 else (-1, -1)


def begins_line(data: bytes) -> bool:
    """Whether `data` begins like a JSON object."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


class Warc:
    """WARC of any version: a version line, fields, an empty line, a block of declared length."""

    head_bytes = 256
    _VERSION = re.compile(rb"WARC/\d+\.\d+[^\r\n]{0,32}(?:\r*\n|$)", re.I)
    _VERIFIED = re.compile(rb"WARC/\d+\.\d+[ \t]*\r*\n(?i:WARC-|Content-)[A-Za-z-]+[ \t]*:")
    _USED = re.compile(
        r"\n(warc-(?:type|target-uri|date|record-id|truncated|refers-to|segment-number)"
        r"|content-(?:length|type))[ \t]*:[ \t]*([^\r\n]*)",
        re.I | re.A,
    )
    _INNER = re.compile(rb"\nWARC/\d+\.\d+[ \t]*\r*\n")
    #: Printable ASCII, known names in their usual case, one colon and one space, no field that we
    #: use twice or without a value: `(?(n)(?!)|x)` is x unless group n has matched already.
    _REGULAR = re.compile(
        r"WARC/[01]\.[0-9]+\r\n(?:WARC-(?:"
        r"Type: (?(1)(?!))([!-~]+)"
        r"|Record-ID: (?(2)(?!))([!-~]+)"
        r"|Date: (?(3)(?!))([!-~]+)"
        r"|Target-URI: (?(4)(?!))([!-~]+)"
        r"|(?:Concurrent-To|Block-Digest|Payload-Digest|IP-Address|Warcinfo-ID|Filename|Profile"
        r"|Identified-Payload-Type|Refers-To-Target-URI|Refers-To-Date|Protocol|Cipher-Suite"
        r"|Identified-Content-Language): [ -~]*"
        r"|Truncated: (?(5)(?!))([!-~]+)"
        r"|Refers-To: (?(6)(?!))([!-~]+)"
        r"|Segment-Number: (?(7)(?!))([!-~]+)"
        r")\r\n|Content-(?:"
        r"Length: (?(8)(?!))([0-9]{1,18})"
        r"|Type: (?(9)(?!))([!-~]+(?: [!-~]+)*)"
        r")\r\n)*+\r\n"
    )
    _REGULAR_BYTES = 2048  # usual headers take 300 to 1000

    def begins(self, data: bytes, at: int = 0) -> bool:
        return self._VERSION.match(data, at) is not None

    def find(self, data: bytes, start: int) -> int:
        match = self._VERIFIED.search(data, start)
        return match.start() if match else -1

    def regular_head(self, data: bytes, at: int) -> tuple[Head, int] | None:
        text = data[at : at + self._REGULAR_BYTES].decode("latin-1")
        match = self._REGULAR.match(text)
        if match is None:
            return None
        head = _head(match.groups())
        return None if isinstance(head, str) else (head, at + match.end())

    def read_head(self, window: Window, limit_bytes: int) -> Head | str:
        """The header at the window's place, which moves past it; or what is wrong with it.

        A regular header is read at one go; anything else leniently, line by line.
        """
        found = self.regular_head(window.buffer, window.at)
        if found is not None and found[1] - window.at <= limit_bytes:
            head, window.at = found
            return head
        searched = 0
        while True:
            stop, end = find_header_end(window.buffer, window.at + searched)
            n_seen = (end if end >= 0 else len(window.buffer)) - window.at
            if end >= 0 and n_seen <= limit_bytes:
                break
            if n_seen > limit_bytes:
                window.at += 5
                return f"the header is longer than {limit_bytes} bytes"
            searched = max(0, n_seen - 3)
            if not window.pull():
                window.at += 5
                return "the header does not end"
        data = window.buffer[window.at : stop]
        inner = self._INNER.search(data)
        if inner:
            window.at += inner.start() + 1
            return "the header does not end before the next record"
        window.at = end
        return self._parse(data)

    def _parse(self, data: bytes) -> Head | str:
        found = reversed(self._USED.findall(_FOLDED.sub(" ", text_of(data))))
        fields = {name.lower(): value.strip() for name, value in found}
        return _head(fields.get(name) for name in _USED_NAMES)


#: The fields that `_head` takes, and the groups of `Warc._REGULAR`, in order.
_USED_NAMES = (
    *("warc-type", "warc-record-id", "warc-date", "warc-target-uri", "warc-truncated"),
    *("warc-refers-to", "warc-segment-number", "content-length", "content-type"),
)


def _head(values: Iterable[str | None]) -> Head | str:
    """The header with these values of `_USED_NAMES`; or what is wrong with it."""
    kind, record_id, date, url, truncated, refers_to, segment, length, media_type = values
    if not kind:
        return "no WARC-Type"
    if length is None:
        return "no Content-Length"
    if not (length.isascii() and length.isdigit() and len(length) <= 18):
        return f"Content-Length is {length[:40]!r}"
    if url and url[0] == "<" and url[-1] == ">":  # as wget 1.14 to 1.20 wrote it
        url = url[1:-1]
    return Head(  # by position: this is done for every record, and names cost a third more
        kind.lower(), int(length), url or None, date, record_id or None, media_type or "",
        truncated, refers_to, segment is not None,
    )  # fmt: skip


class Arc:
    """ARC 1 and 2: one line of space-separated fields, then a block of declared length."""

    head_bytes = 2**14
    #: URL (which may hold spaces), IP, date, media type (may be missing), ..., length.
    _LINE = re.compile(
        rb"([A-Za-z][A-Za-z0-9+.-]*:[^\r\n]{0,8000}?) [0-9A-Fa-f.:]+ (\d{8,18})"
        rb"(?: ([^\r\n]{0,2000}?))? (-?\w+)\r?(?:\n|$)"
    )
    _LINE_START = re.compile(rb"(?m)^(?=[A-Za-z][A-Za-z0-9+.-]{0,20}:)")

    def begins(self, data: bytes, at: int = 0) -> bool:
        return self._LINE.match(data, at) is not None

    def find(self, data: bytes, start: int) -> int:
        for line in self._LINE_START.finditer(data, start):
            if self._LINE.match(data, line.start()):
                return line.start()
        return -1

    def read_head(self, window: Window, limit_bytes: int) -> Head | str:
        """The header line at the window's place, which moves past it; or what is wrong with it."""
        while window.buffer.find(b"\n", window.at) < 0:
            if len(window.buffer) - window.at > limit_bytes or not window.pull():
                break
        line = self._LINE.match(window.buffer, window.at)
        if line is None:
            window.at += 1
            return "the header line is incomplete"
        window.at = line.end()
        url, date, media_type, length = line.groups(b"")
        if not length.isdigit():
            return f"Archive-length is {text_of(length)!r}"
        return self._head(text_of(url), text_of(date), media_type, int(length))

    def regular_head(self, data: bytes, at: int) -> tuple[Head, int] | None:  # noqa: ARG002
        return None  # one line is soon read anyway

    def _head(self, url: str, date: str, media_type: bytes, length: int) -> Head:
        kind = "filedesc" if url.startswith("filedesc:") else "response"
        declared = text_of(media_type.partition(b" ")[0])
        return Head(kind=kind, length=length, url=url, date=date, media_type=declared)


WARC = Warc()
ARC = Arc()
DIALECTS: dict[str, Dialect] = {"warc": WARC, "arc": ARC}
