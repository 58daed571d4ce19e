"""How much a hostile record may cost before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds in bytes; what exceeds one becomes a reject with the reason named here.

    record_bytes: one archive record as declared (record_too_large).
    payload_bytes: one body after its content encodings are undone (decompression_bomb).
    line_bytes: one JSON line (line_too_long).
    header_bytes: one record or HTTP header (bad_header, bad_http_header).
    bomb_bytes, bomb_ratio: a compressed member that has grown past both is given up
    (decompression_bomb). Text compresses 3 to 20 fold; gzip can reach 1030, zstd far more.
    """

    record_bytes: int = 64 * MIB
    payload_bytes: int = 64 * MIB
    line_bytes: int = 64 * MIB
    header_bytes: int = MIB
    bomb_bytes: int = 256 * MIB
    bomb_ratio: int = 200
