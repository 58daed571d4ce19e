"""An HTTP response as a crawler stored it: its head, and its body with the encodings undone.

RFC 9112 (messages, chunked coding) and RFC 9110 (content encodings), read leniently: crawlers
store bodies that they had already decoded under headers that say otherwise.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import NamedTuple

import brotli
import zstandard

from provenance.sources.codecs import DECODE_ERRORS, ZSTD_WINDOW_LIMIT_BYTES
from provenance.sources.heads import fields_of, find_header_end

_STATUS = re.compile(rb"HTTP/?\d?(?:\.\d)?[ \t]+(\d{3})(?!\d)")
_LINE = re.compile(rb"[^\r\n]*\r?\n")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*:")
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,256})?\r?\n")


class Response(NamedTuple):
    """status: three digits. headers: names in lower case, repeated ones joined by commas
    (RFC 9110, section 5.3). body: a view, since pages are large and copied once less."""

    status: int
    headers: dict[str, str]
    body: bytes | memoryview


class UndecodableError(Exception):
    """The body does not match its declared encoding."""


class TooLargeError(Exception):
    """The body decodes to more than the limit."""


def parse_response(
    data: bytes, *, limit_bytes: int, start: int = 0, end: int | None = None
) -> Response | str:
    """The response in `data[start:end]`; or what is wrong with its head."""
    end = len(data) if end is None else end
    status = _STATUS.match(data, start, end)
    if status is None:
        return "no HTTP status line"
    stop, begin = find_header_end(data, start, end)
    if stop < 0 or data.find(b"\n<", start, stop) >= 0:  # a tag: that empty line is the page's
        stop = begin = _ragged_end(data, start, end)
    if stop - start > limit_bytes:
        return f"the header is longer than {limit_bytes} bytes"
    first = max(start, data.find(b"\n", start, end) + 1)
    return Response(int(status[1]), headers_of(data[first:stop]), memoryview(data)[begin:end])


def headers_of(data: bytes) -> dict[str, str]:
    """The header lines by lower-case name."""
    fields = fields_of(data)
    headers = dict(fields)
    if len(headers) < len(fields):
        headers = {}
        for name, value in fields:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _ragged_end(data: bytes, start: int, end: int) -> int:
    """Where the header lines end when no empty line follows them."""
    line = _LINE.match(data, start, end)
    at = line.end() if line else end
    while _TOKEN.match(data, at, end) and (line := _LINE.match(data, at, end)):
        at = line.end()
    return at


def decode_body(response: Response, *, limit_bytes: int, is_cut: bool) -> bytes | memoryview:
    """The body with transfer and content encodings undone, at most `limit_bytes` long.

    A body that is not encoded as declared is taken as it is. is_cut: the crawler cut the body
    short, so that an incomplete one is no error. Raises UndecodableError, TooLargeError.
    """
    body = response.body
    headers = response.headers
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = unchunk(bytes(body), is_cut=is_cut)
    declared = headers.get("content-encoding")
    for name in reversed(declared.lower().split(",")) if declared else ():
        body = _decode(bytes(body), name.strip(), limit_bytes, is_cut)
    if len(body) > limit_bytes:
        raise TooLargeError(f"more than {limit_bytes} bytes")
    return body


def unchunk(body: bytes, *, is_cut: bool) -> bytes:
    """The data of a chunked body; the body as it is when it is not chunked at all."""
    size = _CHUNK.match(body)
    if size is None:
        return body
    parts: list[bytes] = []
    at = 0
    while size is not None:
        n_bytes = int(size[1], 16)
        if n_bytes == 0:
            return b"".join(parts)
        part = body[size.end() : size.end() + n_bytes]
        at = size.end() + n_bytes
        if not parts and (len(part) < n_bytes or not _is_chunk_end(body, at)) and not is_cut:
            return body  # plain text that happens to begin with a hexadecimal number
        parts.append(part)
        at += 2 if body[at : at + 2] == b"\r\n" else 1 if body[at : at + 1] == b"\n" else 0
        size = _CHUNK.match(body, at)
    if is_cut or at >= len(body):
        return b"".join(parts)
    raise UndecodableError(f"no chunk at byte {at} of the body")


def _is_chunk_end(body: bytes, at: int) -> bool:
    return body[at : at + 1] in (b"\r", b"\n", b"")


def _inflate(window_bits: int) -> Callable[[bytes, int], bytes]:
    def decode(data: bytes, limit_bytes: int) -> bytes:
        decoder = zlib.decompressobj(window_bits)
        made = decoder.decompress(data, limit_bytes + 1)
        if not decoder.eof and len(made) <= limit_bytes:
            raise _IncompleteError(made)
        return made

    return decode


class _IncompleteError(Exception):
    """The encoded data ends early. `made` is what it gave."""

    def __init__(self, made: bytes) -> None:
        self.made = made
        super().__init__("the encoded data ends early")


def _inflate_any(data: bytes, limit_bytes: int) -> bytes:
    """ "deflate" means zlib (RFC 9110, section 8.4.1.2); some servers send it raw."""
    is_zlib = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
    return _inflate(15 if is_zlib else -15)(data, limit_bytes)


def _brotli(data: bytes, limit_bytes: int) -> bytes:
    decoder = brotli.Decompressor()
    made = decoder.process(data, output_buffer_limit=limit_bytes + 1)
    while not decoder.is_finished() and len(made) <= limit_bytes:
        more = decoder.process(b"", output_buffer_limit=limit_bytes + 1)
        if not more:
            raise _IncompleteError(made)
        made += more
    return bytes(made)


def _zstd(data: bytes, limit_bytes: int) -> bytes:
    decompressor = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_LIMIT_BYTES)
    with decompressor.stream_reader(data, read_across_frames=True) as reader:
        made: bytes = reader.read(limit_bytes + 1)
    return made


_DECODERS: dict[str, tuple[bytes | None, Callable[[bytes, int], bytes]]] = {
    "gzip": (b"\x1f\x8b", _inflate(31)),
    "x-gzip": (b"\x1f\x8b", _inflate(31)),
    "zstd": (b"\x28\xb5\x2f\xfd", _zstd),
    "deflate": (None, _inflate_any),
    "br": (None, _brotli),
}
_BODY_ERRORS = (*DECODE_ERRORS, brotli.error)


def _decode(body: bytes, name: str, limit_bytes: int, is_cut: bool) -> bytes:
    magic, decoder = _DECODERS.get(name, (None, None))
    if decoder is None or not body or (magic and not body.startswith(magic)):
        return body
    try:
        made = decoder(body, limit_bytes)
    except _IncompleteError as error:
        if not is_cut:
            raise UndecodableError(f"{name}: {error}") from None
        made = error.made
    except _BODY_ERRORS as error:
        if magic is None and looks_like_text(body):
            return body
        raise UndecodableError(f"{name}: {error}") from None
    if len(made) > limit_bytes:
        raise TooLargeError(f"{name}: {len(body)} bytes decode to more than {limit_bytes}")
    return made


_CONTROLS = bytes(set(range(32)) - {0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1B}) + b"\x7f"


def looks_like_text(body: bytes | memoryview) -> bool:
    """Whether the first bytes hold hardly any control characters, or are UTF-16 with a mark."""
    sample = bytes(body[:1024])
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    return (len(sample) - len(sample.translate(None, _CONTROLS))) * 20 <= len(sample)
