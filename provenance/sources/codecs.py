"""The compressions a crawl comes in: how a member begins, and a decoder for one member.

gzip: RFC 1952. zstd: RFC 8878. lz4: the LZ4 frame format. A `.warc.zst` may begin with a
skippable frame 0x184D2A5D that holds the dictionary of all other frames (IIPC, "Zstandard
compression for WARC"), itself plain or a zstd frame.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import lz4.frame
import zstandard
from isal import isal_zlib

from provenance.sources.open import ByteSource

ZSTD_DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"
#: The largest dictionary read; those in use are around 100 KiB.
ZSTD_DICTIONARY_LIMIT_BYTES = 2**24
#: A frame may ask for this much window: zstd's own default for streaming decoders.
ZSTD_WINDOW_LIMIT_BYTES = 2**27

#: What a decoder raises on bytes that are not its format.
DECODE_ERRORS: tuple[Any, ...] = (
    isal_zlib.error,
    zlib.error,
    zstandard.ZstdError,
    RuntimeError,  # lz4.frame
    EOFError,
)


class Decoder(Protocol):
    """One member's decompressor. After `eof`, `unused_data` is what follows the member."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes | memoryview, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Codec:
    """A compression. `piece_bytes` given at once bound what one `decompress` may return:
    gzip grows at most 1032-fold, a zstd block of 4 bytes may be 128 KiB."""

    name: str
    magic: bytes
    piece_bytes: int
    decoder: Callable[[], Decoder]


def _gzip() -> Decoder:
    decoder: Decoder = isal_zlib.decompressobj(31)
    return decoder


def _lz4() -> Decoder:
    decoder: Decoder = lz4.frame.LZ4FrameDecompressor()
    return decoder


def _zstd(dictionary: zstandard.ZstdCompressionDict | None) -> Callable[[], Decoder]:
    options: dict[str, Any] = {"max_window_size": ZSTD_WINDOW_LIMIT_BYTES}
    if dictionary is not None:
        options["dict_data"] = dictionary
    decompressor = zstandard.ZstdDecompressor(**options)

    def decoder() -> Decoder:
        return decompressor.decompressobj()

    return decoder


def codec(compression: str, source: ByteSource) -> Codec | None:
    """The codec of that name ("gzip", "zstd", "lz4"), or None for "" (plain).

    For zstd the dictionary is read from the beginning of `source`, so that it is there for a
    slice from the middle too.
    """
    match compression:
        case "gzip":
            return Codec("gzip", b"\x1f\x8b\x08", 2**14, _gzip)
        case "zstd":
            return Codec("zstd", b"\x28\xb5\x2f\xfd", 2**10, _zstd(zstd_dictionary(source)))
        case "lz4":
            return Codec("lz4", b"\x04\x22\x4d\x18", 2**14, _lz4)
        case "":
            return None
    raise ValueError(f"no compression {compression!r}")


def zstd_dictionary(source: ByteSource) -> zstandard.ZstdCompressionDict | None:
    """The dictionary frame at the beginning of a `.warc.zst`, or None."""
    head = source.read_at(0, 8)
    if head[:4] != ZSTD_DICTIONARY_MAGIC or len(head) < 8:
        return None
    n_bytes = int.from_bytes(head[4:8], "little")
    if n_bytes > ZSTD_DICTIONARY_LIMIT_BYTES:
        return None
    data = source.read_at(8, n_bytes)
    try:
        if data[:4] == b"\x28\xb5\x2f\xfd":
            data = zstandard.ZstdDecompressor().decompress(
                data, max_output_size=ZSTD_DICTIONARY_LIMIT_BYTES
            )
        return zstandard.ZstdCompressionDict(data)
    except zstandard.ZstdError:
        return None


def skippable_bytes(head: bytes) -> int | None:
    """The length of the skippable zstd/lz4 frame that begins with these 8 bytes, or None."""
    if len(head) < 8 or head[1:4] != b"\x2a\x4d\x18" or head[0] & 0xF0 != 0x50:
        return None
    return 8 + int.from_bytes(head[4:8], "little")
