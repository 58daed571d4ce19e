"""Archives built byte by byte, and readers of whole files."""

from __future__ import annotations

import gzip
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lz4.frame
import pytest
import zstandard

from provenance.sources.columns import Columns
from provenance.sources.inputs import list_inputs
from provenance.sources.limits import Limits
from provenance.sources.read import SliceReader, read_slice
from provenance.sources.slices import Slice, cut

WORDS = [f"{a}{b}{c}" for a in "bdfgklmn" for b in "aeiou" for c in "rstvz"]


@dataclass(frozen=True)
class Reading:
    """Everything that came out of some slices."""

    documents: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    n_records: int
    ends: tuple[int, ...]

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        kept = [(row["doc_id"], row["source_pos"]) for row in self.documents]
        return kept + [(row["reason"], row["source_pos"]) for row in self.rejects]

    @property
    def reasons(self) -> list[tuple[str, int]]:
        return [(row["reason"], row["source_pos"]) for row in self.rejects]


class Archives:
    """Makes archives and reads them back."""

    @staticmethod
    def record(
        number: int = 0, payload: bytes | None = None, *, kind: str = "response", **fields: str
    ) -> bytes:
        """A WARC record; of a response, `payload` is the body of the page."""
        block = payload if payload is not None else Archives.prose(number)
        if kind == "response":
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-N: {number}\r\n\r\n"
            block = head.encode() + block
        names = {
            "WARC-Type": kind,
            "WARC-Record-ID": f"<urn:uuid:{number:032x}>",
            "WARC-Date": "2020-01-02T03:04:05Z",
            "WARC-Target-URI": f"https://example.org/{number}",
            "Content-Type": f"application/http; msgtype={kind}",
            "Content-Length": str(len(block)),
        } | {name.replace("_", "-"): value for name, value in fields.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in names.items())
        return f"WARC/1.0\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"

    @staticmethod
    def prose(number: int, n_bytes: int = 12_000) -> bytes:
        """Text that compresses about three-fold."""
        source = random.Random(number)
        words = " ".join(source.choices(WORDS, k=n_bytes // 4))
        return f"<html><p>page {number} {words}"[:n_bytes].encode()

    @staticmethod
    def packed(records: Sequence[bytes], compression: str) -> list[bytes]:
        """Each record as a member of its own."""
        if compression == "gzip":
            return [gzip.compress(record, 6, mtime=0) for record in records]
        if compression == "zstd":
            maker = zstandard.ZstdCompressor(write_checksum=True)
            return [maker.compress(record) for record in records]
        if compression == "lz4":
            return [lz4.frame.compress(record, content_checksum=True) for record in records]
        return list(records)

    @staticmethod
    def slices(path: Path, slice_bytes: int = 2**40) -> list[Slice]:
        return cut(list_inputs([str(path)]).files, slice_bytes=slice_bytes)

    @staticmethod
    def reader(part: Slice) -> SliceReader:
        return read_slice(part)

    @staticmethod
    def read(
        path: Path,
        *,
        slice_bytes: int = 2**40,
        limits: Limits | None = None,
        columns: Columns | None = None,
        batch_size: int = 1024,
    ) -> Reading:
        """Slices read in order, each from where the one before ended."""
        documents: list[dict[str, Any]] = []
        rejects: list[dict[str, Any]] = []
        ends: list[int] = []
        n_records = 0
        for part in Archives.slices(path, slice_bytes):
            if ends and part.format != "parquet":
                part = replace(part, start=ends[-1])  # noqa: PLW2901
            reader = read_slice(part, limits=limits, columns=columns, batch_size=batch_size)
            for made in reader:
                documents += made.documents.to_pylist()
                rejects += made.rejects.to_pylist()
            n_records += reader.n_records
            ends.append(reader.end)
        return Reading(documents, rejects, n_records, tuple(ends))


@pytest.fixture(scope="session")
def archives() -> type[Archives]:
    return Archives


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes the bytes to a file of that name."""

    def write(name: str, *parts: bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(parts))
        return path

    return write


@pytest.fixture(scope="session")
def crawl() -> Path:
    """The shared crawl samples."""
    folder = os.environ.get("PROVENANCE_DATA")
    if not folder or not (Path(folder) / "crawl").is_dir():
        pytest.skip("PROVENANCE_DATA names no folder with the crawl samples")
    return Path(folder) / "crawl"
