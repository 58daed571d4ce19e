"""Crawls of a few pages, written as the archives they would be, for tests of whole runs."""

from __future__ import annotations

import gzip
import hashlib
import random
from dataclasses import dataclass
from pathlib import Path

WORDS = (
    *("river", "stone", "letter", "garden", "window", "yellow", "market", "winter", "copper"),
    *("ladder", "silver", "thunder", "meadow", "violin", "harbour", "candle", "blanket", "orchard"),
    *("pepper", "saddle", "lantern", "velvet", "walnut", "feather", "compass", "barrel", "cotton"),
    *("marble", "needle", "ribbon", "basket", "mirror", "pillow", "turnip", "anchor", "bridge"),
)


def prose(seed: int, n_words: int = 160) -> str:
    """Text that no other seed shares."""
    rng = random.Random(seed)
    sentences = [
        " ".join(rng.choices(WORDS, k=12)).capitalize() + "." for _ in range(n_words // 12)
    ]
    return " ".join(sentences)


@dataclass(frozen=True)
class Page:
    """One capture."""

    url: str
    text: str
    date: str = "2024-05-01T00:00:00Z"
    status: str = "200 OK"
    media_type: str = "text/html; charset=utf-8"

    @property
    def record_id(self) -> str:
        return f"<urn:test:{hashlib.sha1((self.url + self.date).encode()).hexdigest()}>"

    def record(self) -> bytes:
        is_plain = self.media_type.startswith("text/plain")
        page = f"<html><body><main><p>{self.text}</p></main></body></html>"
        body = (self.text if is_plain else page).encode()
        http = f"HTTP/1.1 {self.status}\r\nContent-Type: {self.media_type}\r\n\r\n".encode() + body
        head = (
            "WARC/1.0\r\nWARC-Type: response\r\n"
            f"WARC-Record-ID: {self.record_id}\r\nWARC-Date: {self.date}\r\n"
            f"WARC-Target-URI: {self.url}\r\nContent-Type: application/http; msgtype=response\r\n"
            f"Content-Length: {len(http)}\r\n\r\n"
        ).encode()
        return gzip.compress(head + http + b"\r\n\r\n", mtime=0)


def write_warc(path: Path, pages: list[Page]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(page.record() for page in pages))
    return path


def contents(root: Path) -> dict[str, bytes]:
    """Every file below `root`, by relative name."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
