"""What a crawl holds besides good pages: errors, redirects, images, empty bodies, odd encodings."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

from sample_crawl.capture import CRAWLS, NEW_CRAWLS, Capture, Origin, moment
from sample_crawl.pages import ARCHIVE_SITES, CONTENT_FARMS, MIXED_SITES, Page, Site, Trait

SITES = (*MIXED_SITES, *CONTENT_FARMS)
CHUNK_BYTES = 512

UTF8_DECLARED_LATIN1 = Trait("utf-8 bytes declared iso-8859-1", declared="iso-8859-1")
CP1252_DECLARED_UTF8 = Trait("windows-1252 bytes declared utf-8", encoding="windows-1252")
FALSE_DATE = Trait("page claims 2014", claimed=datetime(2014, 3, 9, tzinfo=UTC))
#: Three of the ways in which a page can say that a machine wrote it.
DECLARED_SYNTHETIC = (
    Trait("declared: meta", head='<meta name="ai-disclosure" content="ai-generated">'),
    Trait("declared: header", headers=(("AI-Disclosure", "mode=machine-generated"),)),
    Trait(
        "declared: JSON-LD",
        head='<script type="application/ld+json">{"@context": "https://schema.org", '
        '"@type": "Article", "digitalSourceType": '
        '"https://schema.org/TrainedAlgorithmicMediaDigitalSource"}</script>',
    ),
)

NOT_FOUND = (
    "<!DOCTYPE html><title>404</title><h1>Not Found</h1><p>The page has moved or is gone.</p>"
)
MOVED = "<html><head><title>301 Moved Permanently</title></head><body>Moved</body></html>"
SHORT = "<!DOCTYPE html><title>{name}</title><body><h1>{name}</h1><p>{sentence}</p></body>"
SHORT_SENTENCES = (
    "Coming soon.",
    "This category is empty.",
    "Please enable JavaScript.",
    "Thank you, your message was sent.",
)
ROBOTS = "User-agent: *\nDisallow: /search/\nDisallow: /login/\n"
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def oddities(rng: Random) -> Iterator[Capture]:
    """Captures without a text worth keeping, of every sort, at random moments."""
    for number, site in enumerate(SITES):
        yield _other(
            rng, site, f"gone/{number}", kind="not_found", body=NOT_FOUND.encode(), status=404
        )
        yield _other(
            rng,
            site,
            f"old/{number}",
            kind="redirect",
            body=MOVED.encode(),
            status=301,
            headers=(("Location", f"https://{site.host}/"),),
        )
        yield _other(
            rng, site, f"img/{number}.png", kind="image", body=_png(rng), content_type="image/png"
        )
        yield _other(rng, site, f"empty/{number}", kind="empty", body=b"")
        short = SHORT.format(name=site.name, sentence=rng.choice(SHORT_SENTENCES))
        yield _other(rng, site, f"tag/{number}/", kind="short", body=short.encode())
    for number, site in enumerate(ARCHIVE_SITES):
        yield _other(
            rng,
            site,
            "robots.txt",
            kind="robots_txt",
            body=ROBOTS.encode(),
            content_type="text/plain",
        )
        yield _other(
            rng, site, f"print/{number}.pdf", kind="pdf", body=PDF, content_type="application/pdf"
        )


def chunked(page: Page) -> Page:
    """`page` as the server sent it: gzip-encoded and chunked, which the crawler did not undo."""
    packed = gzip.compress(page.capture.body, mtime=0)
    capture = replace(
        page.capture,
        body=b"".join(_chunks(packed)),
        headers=(
            *page.capture.headers,
            ("Content-Encoding", "gzip"),
            ("Transfer-Encoding", "chunked"),
        ),
        origin=replace(page.capture.origin, note="payload left chunked and gzip-encoded"),
    )
    return replace(page, capture=capture)


def damaged(page: Page) -> Page:
    """`page` with its origin's kind set to damaged: its record is written with flipped bytes."""
    origin = replace(page.capture.origin, kind="damaged")
    return replace(page, capture=replace(page.capture, origin=origin))


def _other(
    rng: Random,
    site: Site,
    path: str,
    *,
    kind: str,
    body: bytes,
    status: int = 200,
    content_type: str = "text/html; charset=utf-8",
    headers: Sequence[tuple[str, str]] = (),
) -> Capture:
    crawls = CRAWLS if site in ARCHIVE_SITES else NEW_CRAWLS
    return Capture(
        url=f"https://{site.host}/{path}",
        date=moment(rng, crawls),
        origin=Origin(kind),
        body=body,
        status=status,
        content_type=content_type,
        headers=tuple(headers),
    )


def _chunks(payload: bytes) -> Iterator[bytes]:
    for start in range(0, len(payload), CHUNK_BYTES):
        chunk = payload[start : start + CHUNK_BYTES]
        yield b"%x\r\n%s\r\n" % (len(chunk), chunk)
    yield b"0\r\n\r\n"


def _png(rng: Random) -> bytes:
    """A grey picture of 8 by 8 pixels (PNG specification, sections 5 and 11)."""
    rows = b"".join(b"\x00" + rng.randbytes(8) for _ in range(8))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_part(name, data) for name, data in parts)


def _png_part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
