"""The two archive formats: where a record begins, and what its header says.

WARC: ISO 28500. ARC: the Internet Archive's version 1 and 2 of 1996. Read leniently: names in any
case, lone line feeds, folded lines, any charset.
"""

from __future__ import annotations

import re
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


def text_of(data: bytes) -> str:
    """`data` as UTF-8, or as Latin-1 where it is not."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


_FIELD = re.compile(rb"([^:\r\n]+):[ \t]*([^\r\n]*)")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_FOLDED = re.compile(r"\r?\n[ \t]+")


def fields_of(data: bytes) -> list[tuple[bytes, bytes]]:
    """The `name: value` lines of a header, names in lower case; lines without colon are skipped."""
    if b"\n " in data or b"\n\t" in data:
        data = _FOLD.sub(b" ", data)
    return [(name.strip().lower(), value.rstrip()) for name, value in _FIELD.findall(data)]


def find_header_end(data: bytes, start: int) -> tuple[int, int]:
    """Where the first empty line after `start` begins and ends; (-1, -1) when there is none."""
    mixed = data.find(b"\n\r\n", start)
    bare = data.find(b"\n\n", start, mixed + 1 if mixed >= 0 else len(data))
    if bare >= 0:
        return bare + 1, bare + 2
    if mixed >= 0:
        return mixed + 1, mixed + 3
    doubled = data.find(b"\n\r\r\n", start)  # a text-mode copy on Windows
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

    def begins(self, data: bytes, at: int = 0) -> bool:
        return self._VERSION.match(data, at) is not None

    def find(self, data: bytes, start: int) -> int:
        match = self._VERIFIED.search(data, start)
        return match.start() if match else -1

    def read_head(self, window: Window, limit_bytes: int) -> Head | str:
        searched = 0
        while True:
            stop, end = find_header_end(window.buffer, window.at + searched)
            if end >= 0:
                break
            n_seen = len(window.buffer) - window.at
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
        text = text_of(data)
        fields = regular_fields(text)
        if fields is None:
            found = reversed(self._USED.findall(_FOLDED.sub(" ", text)))
            fields = {_CANONICAL[name.lower()]: value.strip() for name, value in found}
        kind = fields.get("WARC-Type")
        length = fields.get("Content-Length")
        if not kind:
            return "no WARC-Type"
        if length is None:
            return "no Content-Length"
        if not (length.isascii() and length.isdigit() and len(length) <= 18):
            return f"Content-Length is {length[:40]!r}"
        url = fields.get("WARC-Target-URI")
        if url and url[0] == "<" and url[-1] == ">":  # as wget 1.14 to 1.20 wrote it
            url = url[1:-1]
        return Head(
            kind.lower(),
            int(length),
            url=url or None,
            date=fields.get("WARC-Date"),
            record_id=fields.get("WARC-Record-ID") or None,
            media_type=fields.get("Content-Type", ""),
            truncated=fields.get("WARC-Truncated"),
            refers_to=fields.get("WARC-Refers-To"),
            is_segment="WARC-Segment-Number" in fields,
        )


#: The names of ISO 28500 and of Common Crawl, as everybody writes them.
_NAMES = frozenset(
    (
        *("WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length", "Content-Type"),
        *("WARC-Concurrent-To", "WARC-Block-Digest", "WARC-Payload-Digest", "WARC-IP-Address"),
        *("WARC-Refers-To", "WARC-Target-URI", "WARC-Truncated", "WARC-Warcinfo-ID"),
        *("WARC-Filename", "WARC-Profile", "WARC-Identified-Payload-Type"),
        *("WARC-Segment-Number", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date"),
        *("WARC-Protocol", "WARC-Cipher-Suite", "WARC-Identified-Content-Language"),
    )
)
_CANONICAL = {name.lower(): name for name in _NAMES}


def regular_fields(text: str) -> dict[str, str] | None:
    """The fields of a header written the way everybody does, by canonical name: known names in
    their usual case, one colon and one space, each once. None for any other, which costs three
    times as much to read."""
    if text[-2:] != "\r\n" or ":  " in text or " \r" in text or "\t" in text:
        return None
    lines = text[:-2].split("\r\n")
    if not text.count("\n") == text.count("\r") == len(lines):
        return None
    try:
        fields = dict([line.split(": ", 1) for line in lines[1:]])
    except ValueError:
        return None
    if len(fields) != len(lines) - 1 or not fields.keys() <= _NAMES:
        return None
    return fields


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

    def _head(self, url: str, date: str, media_type: bytes, length: int) -> Head:
        kind = "filedesc" if url.startswith("filedesc:") else "response"
        declared = text_of(media_type.partition(b" ")[0])
        return Head(kind=kind, length=length, url=url, date=date, media_type=declared)


WARC = Warc()
ARC = Arc()
DIALECTS: dict[str, Dialect] = {"warc": WARC, "arc": ARC}
