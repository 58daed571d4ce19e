"""Captures to the bytes of a WARC 1.0 file, one gzip member per record, as Common Crawl has it.

The standard library suffices, and writing the records by hand shows what is in them. Two builds
give the same bytes: no clock, no random identifiers, no time in the gzip header.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from sample_crawl.capture import Capture, Crawl, record_id

Fields = Sequence[tuple[str, str]]

SOFTWARE = "examples/make_sample_crawl.py"
USER_AGENT = "SampleCrawler/1.0 (+https://crawler.example/)"
IDENTICAL = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
DAMAGED_BYTES = 24


def file_name(crawl: Crawl) -> str:
    """The shard's name inside the folder."""
    return f"crawl-{crawl.name}.warc.gz"


def warc_file(crawl: Crawl, captures: Iterable[Capture]) -> bytes:
    """The shard of `crawl`: a warcinfo record, then request, response and metadata per capture."""
    info = record_id("warcinfo", crawl.name, date=crawl.start)
    members = [_warcinfo(crawl, info)]
    for capture in sorted(captures, key=lambda capture: (capture.date, capture.url)):
        members.extend(_triple(capture, info))
    return b"".join(members)


def _warcinfo(crawl: Crawl, info: str) -> bytes:
    block = _lines(
        [
            ("isPartOf", f"SAMPLE-{crawl.name}"),
            ("description", "Sample crawl of invented hosts; every date and address is made up"),
            ("software", SOFTWARE),
            ("format", "WARC File Format 1.0"),
        ]
    )
    return _member(
        "warcinfo",
        info,
        date=crawl.start,
        block=block,
        fields=[
            ("Content-Type", "application/warc-fields"),
            ("WARC-Filename", file_name(crawl)),
        ],
    )


def _triple(capture: Capture, info: str) -> Iterator[bytes]:
    shared = [("WARC-Target-URI", capture.url), ("WARC-Warcinfo-ID", info)]
    address = ("WARC-IP-Address", _ip_address(capture.url))
    request_id = record_id("request", capture.url, date=capture.date)
    yield _member(
        "request",
        request_id,
        date=capture.date,
        block=_request(capture.url),
        fields=[
            *shared,
            address,
            ("WARC-Concurrent-To", capture.record_id),
            ("Content-Type", "application/http; msgtype=request"),
        ],
    )
    answer = _answer(capture, [*shared, address, ("WARC-Concurrent-To", request_id)])
    yield _damaged(answer) if capture.origin.kind == "damaged" else answer
    metadata_id = record_id("metadata", capture.url, date=capture.date)
    yield _member(
        "metadata",
        metadata_id,
        date=capture.date,
        block=_metadata(capture),
        fields=[
            *shared,
            ("WARC-Concurrent-To", capture.record_id),
            ("Content-Type", "application/warc-fields"),
        ],
    )


def _answer(capture: Capture, fields: Fields) -> bytes:
    head = _response_head(capture)
    fields = [
        *fields,
        ("Content-Type", "application/http; msgtype=response"),
        ("WARC-Payload-Digest", _digest(capture.body)),
    ]
    if original := capture.refers_to:
        return _member(
            "revisit",
            capture.record_id,
            date=capture.date,
            block=head,
            fields=[
                *fields,
                ("WARC-Profile", IDENTICAL),
                ("WARC-Refers-To", original.record_id),
                ("WARC-Refers-To-Target-URI", original.url),
                ("WARC-Refers-To-Date", _iso(original.date)),
            ],
        )
    if capture.truncated:
        fields = [*fields, ("WARC-Truncated", capture.truncated)]
    block = head + capture.body
    return _member(
        "response",
        capture.record_id,
        date=capture.date,
        block=block,
        fields=[
            *fields,
            ("WARC-Block-Digest", _digest(block)),
            ("WARC-Identified-Payload-Type", capture.content_type.partition(";")[0]),
        ],
    )


def _request(url: str) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return (
        f"GET {target} HTTP/1.1\r\n".encode()
        + _lines(
            [
                ("User-Agent", USER_AGENT),
                ("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"),
                ("Accept-Encoding", "gzip"),
                ("Host", parts.netloc),
                ("Connection", "Keep-Alive"),
            ]
        )
        + b"\r\n"
    )


def _response_head(capture: Capture) -> bytes:
    status = HTTPStatus(capture.status)
    chunked = any(name == "Transfer-Encoding" for name, _ in capture.headers)
    length = () if chunked else (("Content-Length", str(len(capture.body))),)
    return (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
        + _lines(
            [
                ("Date", format_datetime(capture.date, usegmt=True)),
                ("Server", "nginx"),
                ("Content-Type", capture.content_type),
                *length,
                *capture.headers,
            ]
        )
        + b"\r\n"
    )


def _metadata(capture: Capture) -> bytes:
    return _lines([("fetchTimeMs", str(40 + len(capture.body) % 400))])


def _member(
    record_type: str, identifier: str, *, date: datetime, block: bytes, fields: Fields
) -> bytes:
    head = b"WARC/1.0\r\n" + _lines(
        [
            ("WARC-Type", record_type),
            ("WARC-Date", _iso(date)),
            ("WARC-Record-ID", identifier),
            ("Content-Length", str(len(block))),
            *fields,
        ]
    )
    return gzip.compress(head + b"\r\n" + block + b"\r\n\r\n", mtime=0)


def _damaged(member: bytes) -> bytes:
    """`member` with some bytes in its middle flipped, as a failing disk would leave it."""
    middle = len(member) // 2
    flipped = bytes(byte ^ 0xFF for byte in member[middle : middle + DAMAGED_BYTES])
    return member[:middle] + flipped + member[middle + DAMAGED_BYTES :]


def _lines(fields: Fields) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields).encode()


def _iso(date: datetime) -> str:
    return date.strftime("%Y-%m-%dT%H:%M:%SZ")


def _digest(payload: bytes) -> str:
    return (
        "sha1:" + base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()
    )


def _ip_address(url: str) -> str:
    """An address of the range that RFC 5737 reserves for documentation, the same for a host."""
    return f"192.0.2.{1 + zlib.crc32(urlsplit(url).netloc.encode()) % 254}"
