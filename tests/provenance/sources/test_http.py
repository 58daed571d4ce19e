"""HTTP messages as crawlers stored them."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from provenance.sources.http import (
    Response,
    TooLargeError,
    UndecodableError,
    decode_body,
    looks_like_text,
    parse_response,
    unchunk,
)

BODY = "<html><p>żółw 亀 ".encode() * 40


def raw_deflate(data: bytes) -> bytes:
    maker = zlib.compressobj(wbits=-15)
    return maker.compress(data) + maker.flush()


ENCODED = {
    "gzip": gzip.compress(BODY, mtime=0),
    "x-gzip": gzip.compress(BODY, mtime=0),
    "deflate": zlib.compress(BODY),
    "Deflate": raw_deflate(BODY),
    "br": brotli.compress(BODY),
    "zstd": zstandard.compress(BODY),
    "identity": BODY,
    "gzip, br": brotli.compress(gzip.compress(BODY, mtime=0)),
}


def response(body: bytes, **headers: str) -> Response:
    return Response(200, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def decoded(
    body: bytes, *, limit_bytes: int = 10**6, is_cut: bool = False, **headers: str
) -> bytes:
    return decode_body(response(body, **headers), limit_bytes=limit_bytes, is_cut=is_cut)


def chunked(body: bytes, size: int, *, ending: bytes = b"\r\n") -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    lines = b"".join(b"%x" % len(part) + ending + part + ending for part in parts)
    return lines + b"0" + ending + ending


@pytest.mark.parametrize("encoding", ENCODED)
def test_a_content_encoding_is_undone(encoding: str) -> None:
    assert decoded(ENCODED[encoding], content_encoding=encoding) == BODY


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, br", "unheard-of"])
def test_a_body_that_is_plain_in_spite_of_its_header_is_taken_as_it_is(encoding: str) -> None:
    assert decoded(BODY, content_encoding=encoding) == BODY


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate"])
def test_a_cut_body_is_an_error_unless_the_crawler_cut_it(encoding: str) -> None:
    body = ENCODED[encoding][:-9]

    with pytest.raises(UndecodableError):
        decoded(body, content_encoding=encoding)
    assert BODY.startswith(decoded(body, content_encoding=encoding, is_cut=True))


def test_a_damaged_body_is_an_error() -> None:
    body = bytearray(ENCODED["gzip"])
    body[12:20] = b"\xff" * 8

    with pytest.raises(UndecodableError, match="gzip"):
        decoded(bytes(body), content_encoding="gzip")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_beyond_the_limit_is_refused(encoding: str) -> None:
    with pytest.raises(TooLargeError):
        decoded(ENCODED[encoding], content_encoding=encoding, limit_bytes=len(BODY) - 1)


@given(body=st.binary(min_size=1, max_size=300), size=st.integers(1, 100))
def test_chunks_are_joined(body: bytes, size: int) -> None:
    for ending in (b"\r\n", b"\n"):
        assert unchunk(chunked(body, size, ending=ending), is_cut=False) == body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<html>never chunked", b"<html>never chunked"),
        (b"add\nyour own", b"add\nyour own"),
        (b"3;name=value\r\nabc\r\n0\r\nTrailer: x\r\n\r\n", b"abc"),
        (b"3\r\nabc\r\n", b"abc"),
        (b"", b""),
    ],
)
def test_chunks_are_read_leniently(body: bytes, expected: bytes) -> None:
    assert decoded(body, transfer_encoding="chunked") == expected


def test_a_broken_chain_of_chunks_is_an_error() -> None:
    with pytest.raises(UndecodableError, match="chunk"):
        decoded(b"3\r\nabc\r\nthis is no chunk at all", transfer_encoding="chunked")


@pytest.mark.parametrize(
    ("block", "status", "headers", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nA: 1\r\nB:2 \r\n\r\nx", 200, {"a": "1", "b": "2"}, b"x"),
        (b"HTTP/1.0 404\nA: 1\n\nx", 404, {"a": "1"}, b"x"),
        (b"HTTP/2 200\r\nSet-Cookie: a\r\nSET-COOKIE: b\r\n\r\n", 200, {"set-cookie": "a, b"}, b""),
        (b"HTTP/1.1 200 OK\r\nA: 1\r\n 2\r\nno colon\r\n\r\nx", 200, {"a": "1 2"}, b"x"),
        (b"HTTP/1.1 200 \xff\r\nA: caf\xe9\r\n\r\nx", 200, {"a": "café"}, b"x"),
        (b"HTTP/1.0 200 Ok\r\nA: 1\r\n<HTML>\r\n\r\nx", 200, {"a": "1"}, b"<HTML>\r\n\r\nx"),
        (b"HTTP/1.0 200 Ok\r\n\r\nx", 200, {}, b"x"),
    ],
)
def test_a_response_is_read_leniently(
    block: bytes, status: int, headers: dict[str, str], body: bytes
) -> None:
    assert parse_response(block, limit_bytes=1000) == Response(status, headers, body)


@pytest.mark.parametrize("block", [b"", b"SSH-2.0-OpenSSH_5.3p1\r\n", b"<html>", b"HTTP/1.1 OK"])
def test_what_is_no_response_is_said_to_be_none(block: bytes) -> None:
    assert parse_response(block, limit_bytes=1000) == "no HTTP status line"


@given(st.binary(max_size=400))
def test_no_block_is_an_exception(block: bytes) -> None:
    parse_response(b"HTTP/1.1 200 OK\r\n" + block, limit_bytes=100)


def test_text_is_told_from_binary() -> None:
    assert looks_like_text(BODY)
    assert looks_like_text("\ufefftext".encode("utf-16"))
    assert not looks_like_text(bytes(range(32)) * 3)
