"""Which record is a page, and why the others are none."""

from __future__ import annotations

import pytest

from provenance.sources.limits import Limits
from provenance.sources.pages import media_type_of, page, sniff
from provenance.sources.records import Document, Head, Record, Reject

HTTP = "application/http; msgtype=response"


def record(
    block: bytes, kind: str = "response", media_type: str = HTTP, **fields: object
) -> Record:
    head = Head(kind, len(block), url="http://a.example/x", record_id="<urn:1>",
                media_type=media_type)._replace(**fields)  # fmt: skip
    return Record(0, head, block)


def answer(body: bytes, content_type: str | None = "text/html", status: str = "200 OK") -> bytes:
    header = f"Content-Type: {content_type}\r\n" if content_type is not None else ""
    return f"HTTP/1.1 {status}\r\n{header}\r\n".encode() + body


def judged(given: Record) -> Document | Reject:
    return page(given, Limits())


@pytest.mark.parametrize(
    ("given", "reason", "detail"),
    [
        (record(b"", "warcinfo"), "not_a_response", "warcinfo"),
        (record(b"x", "metadata"), "not_a_response", "metadata"),
        (record(b"", "revisit", refers_to="<urn:0>"), "revisit", "<urn:0>"),
        (record(answer(b"x", status="404 No")), "http_status", "404"),
        (record(answer(b"", status="301 Moved")), "http_status", "301"),
        (record(answer(b"", status="204 None")), "empty_body", None),
        (record(answer(b" \r\n")), "empty_body", None),
        (record(b""), "empty_body", None),
        (record(answer(b"x", "image/png")), "media_type", "image/png"),
        (record(answer(b"\x89PNG\r\n\x1a")), "media_type", "image/png, declared text/html"),
        (record(answer(b"%PDF-1.4", None)), "media_type", "application/pdf, declared nothing"),
        (record(answer(b"\x1f\x8b\x08zip")), "media_type", "application/gzip, declared text/html"),
        (record(answer(b"\0\1\2\3" * 9, None)), "media_type", "application/octet-stream"),
        (record(b"junk"), "bad_http_header", "no HTTP status line"),
        (
            record(answer(b"User-agent: *", "text/plain"), url="http://a.example/robots.txt?x"),
            "robots_txt",
            None,
        ),
        (record(b"log", "resource", "text/plain", url="metadata://gnu.org/x"),
         "not_a_response", "resource of scheme 'metadata'"),
        (record(b"x", media_type="text/dns", url="dns:a.example"), "media_type", "text/dns"),
        (record(b"x", "conversion", "image/png"), "media_type", "image/png"),
    ],
)  # fmt: skip
def test_a_record_that_is_no_page_has_its_reason(
    given: Record, reason: str, detail: str | None
) -> None:
    assert judged(given) == Reject(0, reason, detail, given.head.record_id, given.head.url)


@pytest.mark.parametrize(
    ("given", "media_type", "truncated"),
    [
        (record(answer(b"<p>x", "Text/HTML; charset=x")), "text/html", None),
        (record(answer(b"<p>x", "application/xhtml+xml")), "application/xhtml+xml", None),
        (
            record(answer(b"x", "text/plain"), url="http://a.example/robots.html"),
            "text/plain",
            None,
        ),
        (record(answer(b"\xef\xbb\xbf <HTML>x", None)), "text/html", None),
        (record(answer(b"just words", "application/octet-stream")), "text/plain", None),
        (record(answer(b"x", status="206 Partial")), "text/html", "partial"),
        (record(answer(b"x"), truncated="Length"), "text/html", "length"),
        (record(answer(b"x"), is_segment=True), "text/html", "segment"),
        (record(b"<p>x", "resource", "text/html"), "text/html", None),
        (record(b"x", "conversion", "text/plain"), "text/plain", None),
        (record(b"<p>x", media_type="text/html", url="ftp://a.example/"), "text/html", None),
    ],
)
def test_a_page_is_a_document(given: Record, media_type: str, truncated: str | None) -> None:
    document = judged(given)

    assert isinstance(document, Document)
    assert (document.media_type, document.truncated) == (media_type, truncated)


def test_an_arc_record_of_a_web_address_is_http_whatever_its_type_says() -> None:
    given = Record(
        0, Head("response", 9, url="http://a.example/", media_type="text/html"), b"SSH-2"
    )

    assert judged(given) == Reject(
        0, "bad_http_header", "no HTTP status line", None, "http://a.example/"
    )


def test_the_text_of_a_wet_record_is_declared_utf_8() -> None:
    document = judged(record("ü".encode(), "conversion", "text/plain"))

    assert isinstance(document, Document)
    assert document.headers == {"content-type": "text/plain; charset=utf-8"}


def test_media_types_lose_their_parameters() -> None:
    assert media_type_of(" Text/HTML ;charset=x") == "text/html"
    assert media_type_of("text/html, text/html") == "text/html"


def test_bytes_tell_html_from_text() -> None:
    assert sniff(b"<!DOCTYPE html>") == "text/html"
    assert sniff(b"words") == "text/plain"
