"""Where a page holds or names a C2PA manifest: bytes of a manifest store, or the address of one.

C2PA Technical Specification 2.4, annexes A.7 (HTML), A.8 (unstructured text), A.9 (structured
text), and the `Link` header. Nothing here judges a manifest, and nothing is fetched.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final

from detectors.hidden_payloads import selector_bytes

#: What the bytes of a text manifest begin with, before they are written as variation selectors.
MAGIC: Final = b"C2PATXT\0"
#: Larger stores are not read, nor more carriers of one page. c2pa-python takes time that grows with
#: the square of the number of assertions: 0.4 s for a store of this size that holds nothing else.
MAX_STORE_BYTES: Final = 2**18
MAX_CARRIERS: Final = 4

_HEADER_BYTES: Final = len(MAGIC) + 1 + 4
_MARKER: Final = "\ufeff".encode()
_SELECTORS: Final = re.compile(rb"(?:\xef\xb8[\x80-\x8f]|\xf3\xa0[\x84-\x87][\x80-\xbf])+")
_ENCODED_MAGIC: Final = "".join(
    chr(0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16) for byte in MAGIC
).encode()

_SCRIPT_OR_LINK: Final = re.compile(rb"<(script|link)\b([^<>]{0,2048})>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(
    rb"""([a-z-]{1,32})\s{0,8}=\s{0,8}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
_END_OF_SCRIPT: Final = re.compile(rb"</script\s{0,8}>", re.IGNORECASE)
_LINE_END: Final = re.compile(rb"[ \t]{0,8}\r?\n?")
_MEDIA_TYPE: Final = b"application/c2pa"
_RELATION: Final = "c2pa-manifest"
_DATA: Final = b"data:application/c2pa;base64,"

_BEGIN: Final = b"-----BEGIN C2PA MANIFEST-----"
_END: Final = b"-----END C2PA MANIFEST-----"
#: A comment mark and the end of the line may stand on either side of a structured block.
_COMMENT_BYTES: Final = 64


@dataclass(frozen=True, slots=True)
class Carrier:
    """One manifest of a page. where: text, html, structured, html_link or http_link.

    store: its bytes; None when it is elsewhere or damaged. inner, outer: byte ranges of the page;
    what the manifest leaves out of its hash must cover the first and stay within the second.
    """

    where: str
    store: bytes | None
    inner: tuple[int, int] = (0, 0)
    outer: tuple[int, int] = (0, 0)

    @property
    def is_remote(self) -> bool:
        """Whether the page only names the manifest's address."""
        return self.where.endswith("_link")

    def moved(self, by: int) -> Carrier:
        """The carrier with its ranges moved by `by` bytes."""
        inner, outer = self.inner, self.outer
        return replace(self, inner=(inner[0] + by, inner[1] + by),
                       outer=(outer[0] + by, outer[1] + by))  # fmt: skip


def page_carriers(page: bytes) -> list[Carrier]:
    """Carriers in the markup of an HTML page; more than one is against the specification."""
    return list(islice(chain(_elements(page), _structured(page)), MAX_CARRIERS))


def text_carriers(data: bytes) -> list[Carrier]:
    """Carriers in UTF-8 text, hidden in variation selectors or in a structured block."""
    return list(islice(chain(_wrappers(data), _structured(data)), MAX_CARRIERS))


def header_carriers(link: str | None) -> list[Carrier]:
    """Carriers that a `Link` response header names."""
    parts = (link or "").split("<")[1 : MAX_CARRIERS * 8]
    named = (part.partition(">")[2].lower() for part in parts)
    return [Carrier("http_link", None) for parameters in named if _RELATION in parameters][:1]


def _elements(page: bytes) -> Iterator[Carrier]:
    for tag in _SCRIPT_OR_LINK.finditer(page):
        name, attributes = tag[1].lower(), _attributes(tag[2])
        if name == b"script" and attributes.get(b"type", b"").strip().lower() == _MEDIA_TYPE:
            yield _script(page, tag.start(), tag.end())
        elif _RELATION.encode() in attributes.get(b"rel", b"").lower().split():
            yield Carrier("html_link", None)


def _attributes(tag: bytes) -> dict[bytes, bytes]:
    return {found[1].lower(): found[2] or found[3] or found[4] or b""
            for found in _ATTRIBUTE.finditer(tag)}  # fmt: skip


def _script(page: bytes, start: int, content: int) -> Carrier:
    end = _END_OF_SCRIPT.search(page, content)
    if end is None:
        return Carrier("html", None)
    after = _LINE_END.match(page, end.end())
    return Carrier(
        "html",
        _base64(page[content : end.start()]),
        inner=(content, end.start()),
        outer=(start, after.end() if after else end.end()),
    )


def _structured(data: bytes) -> Iterator[Carrier]:
    begin = data.find(_BEGIN)
    end = data.find(_END, begin)
    if begin < 0 or end < 0:
        return
    reference = data[begin + len(_BEGIN) : min(end, begin + 2 * MAX_STORE_BYTES)].strip()
    if not reference.startswith(_DATA):
        yield Carrier("structured_link", None)
        return
    stop = end + len(_END)
    line_end = data.find(b"\n", stop, stop + _COMMENT_BYTES) + 1
    line_start = data.rfind(b"\n", max(0, begin - _COMMENT_BYTES), begin)
    yield Carrier(
        "structured",
        _base64(reference[len(_DATA) :]),
        inner=(begin, stop),
        outer=(max(line_start, 0), line_end or min(stop + _COMMENT_BYTES, len(data))),
    )


def _base64(content: bytes) -> bytes | None:
    content = bytes(content).translate(None, b" \t\r\n")
    if len(content) > MAX_STORE_BYTES * 4 // 3 + 4:
        return None
    try:
        return base64.b64decode(content, validate=True)
    except ValueError:
        return None


def _wrappers(data: bytes) -> Iterator[Carrier]:
    at = data.find(_ENCODED_MAGIC)
    while at >= 0:
        run = _SELECTORS.match(data, at, at + 4 * (MAX_STORE_BYTES + _HEADER_BYTES))
        end = run.end() if run else at + len(_ENCODED_MAGIC)
        start = at - len(_MARKER) if data.endswith(_MARKER, 0, at) else at
        store, end = _unwrapped(data, at, end)
        yield Carrier("text", store, inner=(at, end), outer=(start, end))
        at = data.find(_ENCODED_MAGIC, end)


def _unwrapped(data: bytes, start: int, end: int) -> tuple[bytes | None, int]:
    """The store in a run of selectors, and where it really ends; None when it is damaged."""
    content = selector_bytes(data[start:end].decode())
    version, length = content[8:9], int.from_bytes(content[9:13], "big")
    store = content[_HEADER_BYTES : _HEADER_BYTES + length]
    if version != b"\x01" or len(store) < length or length > MAX_STORE_BYTES:
        return None, end
    beyond = sum(3 if byte < 16 else 4 for byte in content[_HEADER_BYTES + length :])
    return store, end - beyond
