"""What a file is: by its first bytes, and where they do not tell, by its name."""

from __future__ import annotations

import re
from typing import NamedTuple

from provenance.sources.codecs import ZSTD_DICTIONARY_MAGIC, codec
from provenance.sources.heads import ARC, WARC, begins_line
from provenance.sources.members import trial
from provenance.sources.open import ByteSource

ACCEPTED = "WARC, WET, WAT, ARC, Parquet, JSON Lines; plain, .gz, .zst or .lz4"
SNIFF_BYTES = 2**13

_MAGIC = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (ZSTD_DICTIONARY_MAGIC, "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
)
_SUFFIX = {"gz": "gzip", "zst": "zstd", "zstd": "zstd", "lz4": "lz4"}
_NAME = re.compile(
    r"\.(?:(?P<warc>warc|wet|wat)|(?P<arc>arc)|(?P<jsonl>jsonl|ndjson|json)"
    r"|(?P<parquet>parquet|pq)|(?P<paths>paths))(?:\.(?P<packed>gz|zst|zstd|lz4))?$",
    re.I,
)

_PLAIN_JSON = re.compile(r"\.json(?:\.(?:gz|zst|zstd|lz4))?$", re.I)
_DOCUMENT = re.compile(rb"\s*(?:\[|\{[ \t]*\r?\n)")


class Kind(NamedTuple):
    """format: "warc", "arc", "jsonl", "parquet" or "paths". compression: "" when plain."""

    format: str
    compression: str


def by_name(name: str) -> Kind | None:
    """What the name says."""
    match = _NAME.search(name)
    if match is None or match.lastgroup is None:
        return None
    format_ = next(key for key, value in match.groupdict().items() if value)
    return Kind(format_, _SUFFIX.get((match["packed"] or "").lower(), ""))


def by_bytes(source: ByteSource, name: str) -> Kind | None:
    """What the first bytes say, as far as they are sure; the rest is taken from `name`.

    A damaged beginning must not change what a file is: a brace is not enough to make JSON Lines
    of a `.warc`, nor a gzip magic that does not decode enough to make it compressed.
    """
    head = source.read_at(0, SNIFF_BYTES)
    named = by_name(name)
    compression = _compression(head)
    data = _unpacked(source, compression, head)
    if compression and not data and named is not None:
        compression = named.compression
    if named is not None and named.format == "paths":
        return Kind("paths", compression)
    format_ = _content(data, source)
    if format_ is None and _is_one_json_document(data, name):
        return None
    if format_ is None and named is not None:
        return Kind(named.format, compression or named.compression)
    if format_ is None and begins_line(data):
        format_ = "jsonl"
    return Kind(format_, compression) if format_ else None


def _is_one_json_document(data: bytes, name: str) -> bool:
    """Whether a `.json` file is an array, or an object over many lines: no JSON Lines."""
    return bool(_PLAIN_JSON.search(name)) and bool(_DOCUMENT.match(data))


def _compression(head: bytes) -> str:
    return next((name for magic, name in _MAGIC if head.startswith(magic)), "")


def _unpacked(source: ByteSource, compression: str, head: bytes) -> bytes:
    chosen = codec(compression, source)
    if chosen is None:
        return head
    offset = 8 + int.from_bytes(head[4:8], "little") if head[:4] == ZSTD_DICTIONARY_MAGIC else 0
    return trial(source, chosen, offset)


def _content(data: bytes, source: ByteSource) -> str | None:
    start = data.lstrip(b"\r\n")
    if data.startswith(b"PAR1") and source.read_at(max(0, source.size - 4), 4) == b"PAR1":
        return "parquet"
    if WARC.begins(start):
        return "warc"
    return "arc" if ARC.begins(start) else None
