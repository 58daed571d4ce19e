"""A whole record as a document, or the reason why it is none."""

from __future__ import annotations

from provenance.evidence.site_rights import detail as site_rights
from provenance.evidence.tdmrep import PATH as TDMREP_PATH
from provenance.sources.addresses import instant_us, path_of
from provenance.sources.http import (
    Response,
    TooLargeError,
    UndecodableError,
    decode_body,
    headers_of,
    looks_like_text,
    parse_response,
)
from provenance.sources.limits import Limits
from provenance.sources.records import Document, Head, Record, Reject

TEXT_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
#: Declared types that say nothing, so that the bytes are asked.
GENERIC_TYPES = frozenset(
    {"", "application/octet-stream", "binary/octet-stream", "application/unknown",
     "unknown/unknown", "content/unknown", "no-type", "*/*", "unknown"}
)  # fmt: skip
#: First bytes of what is no text whatever the header says.
BINARY_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"\x7fELF", "application/x-elf"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"OggS", "application/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
)
_MAGIC_STARTS = frozenset(magic[:2] for magic, _ in BINARY_MAGIC)
_HTML_TAGS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<title", b"<meta", b"<script",
              b"<div", b"<table", b"<h1", b"<p>", b"<a ", b"<!--", b"<br")  # fmt: skip
#: Schemes whose resources are pages of a site, and not notes of the crawler about itself.
PAGE_SCHEMES = frozenset({"http", "https", "ftp", "file", "gopher", "gemini"})
TEXT_HEADERS = {"content-type": "text/plain; charset=utf-8"}


def page(record: Record, limits: Limits) -> Document | Reject:
    """The page that `record` holds; text stays bytes, with content encodings undone."""
    kind = record.head.kind
    if kind == "response":
        return (_from_response if is_http(record) else _from_block)(record, limits)
    if kind == "resource":
        return _from_resource(record, limits)
    if kind == "conversion":
        return _from_conversion(record, limits)
    if kind == "revisit":
        return _reject(record, "revisit", record.head.refers_to)
    return _reject(record, "not_a_response", kind)


def is_http(record: Record) -> bool:
    """Whether the block is an HTTP message: declared so, or it begins like one; an ARC record of
    an http address always is one."""
    if record.data.startswith(b"HTTP/", record.begin, record.end):
        return True
    declared = record.head.media_type.lower()
    url = record.head.url or ""
    return declared.startswith("application/http") or (
        record.head.record_id is None and url.lower().startswith(("http:", "https:"))
    )


def _from_response(record: Record, limits: Limits) -> Document | Reject:
    if not record.head.length:
        return _reject(record, "empty_body", None)
    response = parse_response(
        record.data, limit_bytes=limits.header_bytes, start=record.begin, end=record.end
    )
    if isinstance(response, str):
        return _reject(record, "bad_http_header", response)
    if not 200 <= response.status <= 299:
        return _reject(record, "http_status", str(response.status))
    truncated = _truncated(record.head, response.status)
    try:
        body = decode_body(response, limit_bytes=limits.payload_bytes, is_cut=truncated is not None)
    except UndecodableError as error:
        return _undecodable(record, response, str(error))
    except TooLargeError as error:
        return _reject(record, "decompression_bomb", str(error))
    return _judge(record, body, response.headers, truncated)


def _undecodable(record: Record, response: Response, error: str) -> Reject:
    """A broken body; of a type that we would not have read anyway, the type is the reason."""
    declared = media_type_of(response.headers.get("content-type", ""))
    if declared not in TEXT_TYPES and declared not in GENERIC_TYPES:
        return _reject(record, "media_type", declared)
    return _reject(record, "undecodable_body", error)


def _from_resource(record: Record, limits: Limits) -> Document | Reject:
    scheme = (record.head.url or "http").partition(":")[0].lower()
    if scheme not in PAGE_SCHEMES:
        return _reject(record, "not_a_response", f"resource of scheme {scheme!r}")
    return _from_block(record, limits)


def _from_block(record: Record, limits: Limits) -> Document | Reject:
    if record.head.length > limits.payload_bytes:
        return _reject(record, "record_too_large", f"{record.head.length} bytes")
    headers = headers_of(b"content-type: " + record.head.media_type.encode())
    return _judge(record, record.block, headers, _truncated(record.head, 200))


def _from_conversion(record: Record, limits: Limits) -> Document | Reject:
    """A WET record: text that somebody extracted, UTF-8 by definition of the format."""
    if media_type_of(record.head.media_type) != "text/plain":
        return _from_block(record, limits)
    return _judge(record, record.block, TEXT_HEADERS, _truncated(record.head, 200))


def _truncated(head: Head, status: int) -> str | None:
    """Why the payload is not whole: as the crawler says, "segment" or "partial" (HTTP 206)."""
    if head.truncated:
        return head.truncated.lower()
    if head.is_segment:
        return "segment"
    return "partial" if status == 206 else None


def _judge(
    record: Record, body: bytes | memoryview, headers: dict[str, str], truncated: str | None
) -> Document | Reject:
    if not bytes(body[:64]).strip() and not bytes(body).strip():
        return _reject(record, "empty_body", None)
    declared = media_type_of(headers.get("content-type", ""))
    found = binary_type(body)
    if found is not None:
        return _reject(record, "media_type", f"{found}, declared {declared or 'nothing'}")
    path = path_of(record.head.url).lower()
    if path == TDMREP_PATH:
        return _reject(record, "tdmrep_json", site_rights(path, bytes(body)))
    media_type = sniff(body) if declared in GENERIC_TYPES else declared
    if media_type not in TEXT_TYPES:
        return _reject(record, "media_type", media_type)
    head = record.head
    if media_type == "text/plain" and path.endswith("/robots.txt"):
        return _reject(record, "robots_txt", site_rights(path, bytes(body)))
    return Document(
        record.position,
        body,
        media_type,
        headers,
        record_id=head.record_id,
        url=head.url,
        captured_us=instant_us(head.date),
        truncated=truncated,
        identity=head.record_id,
    )


def media_type_of(declared: str) -> str:
    """The media type in lower case, without parameters; of several, the first."""
    return declared.partition(";")[0].partition(",")[0].strip().lower()


def binary_type(body: bytes | memoryview) -> str | None:
    """The media type that the first bytes betray, when it is a binary one."""
    head = bytes(body[:16])
    if head[:2] in _MAGIC_STARTS:
        for magic, media_type in BINARY_MAGIC:
            if head.startswith(magic):
                return media_type
    return None


def sniff(body: bytes | memoryview) -> str:
    """text/html, text/plain or application/octet-stream, from the first bytes."""
    head = bytes(body[:1024]).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith(_HTML_TAGS) or b"<html" in head:
        return "text/html"
    return "text/plain" if looks_like_text(body) else "application/octet-stream"


def _reject(record: Record, reason: str, detail: str | None) -> Reject:
    return Reject(record.position, reason, detail, record.head.record_id, record.head.url)
