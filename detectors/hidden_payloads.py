"""What runs of invisible characters spell, as bytes. Shown, never interpreted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

#: Bytes of a payload that are kept, and payloads of a text: a page can hide megabytes.
KEPT_BYTES: Final = 64
KEPT_PAYLOADS: Final = 8
#: Shorter runs spell nothing: a doubled selector is an accident.
_MIN_RUN: Final = {"tags": 1, "variation_selectors": 2, "zero_width": 16}
_SELECTORS: Final = {0xFE00 + byte: chr(byte) for byte in range(16)} | {
    0xE0100 - 16 + byte: chr(byte) for byte in range(16, 256)
}


@dataclass(frozen=True, slots=True)
class Payload:
    """Bytes hidden in a text. carrier: the kind of character that spells them. data: at most
    KEPT_BYTES of n_bytes. times: how often the text repeats them.
    """

    carrier: str
    data: bytes
    n_bytes: int
    times: int = 1

    def shown(self) -> str:
        """The bytes for a reader, ASCII only: text with escapes, or hexadecimal."""
        text = _printable(self.data)
        body = f"0x{self.data.hex()}" if text is None else text.encode("unicode_escape").decode()
        return f"{body}..." if self.n_bytes > len(self.data) else body


def payloads(runs: Iterable[tuple[str, str]]) -> tuple[Payload, ...]:
    """What (kind, characters) runs spell, in order of first sight; at most KEPT_PAYLOADS."""
    seen: Counter[tuple[str, bytes, int]] = Counter()
    for kind, run in runs:
        if len(run) >= _MIN_RUN.get(kind, len(run) + 1):
            data = _DECODERS[kind](run)
            key = (kind, data[:KEPT_BYTES], len(data))
            if data and (key in seen or len(seen) < KEPT_PAYLOADS):
                seen[key] += 1
    return tuple(Payload(*key, times) for key, times in seen.items())


def _tags(run: str) -> bytes:
    """Tag characters mirror ASCII: U+E0041 stands for "A"."""
    return bytes(ord(character) & 0x7F for character in run if ord(character) < 0xE0080)


def selector_bytes(run: str) -> bytes:
    """VS1 to VS256 stand for the bytes 0 to 255 (C2PA 2.4, A.8.3.2)."""
    return run.translate(_SELECTORS).encode("latin-1", "ignore")


def _bits(run: str) -> bytes:
    """Two zero-width characters taken as bits, eight to a byte; empty unless they spell text."""
    alphabet = sorted(set(run))
    if len(alphabet) != 2 or len(run) % 8:
        return b""
    for zero, one in (alphabet, reversed(alphabet)):
        bits = run.replace(zero, "0").replace(one, "1")
        data = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
        if _printable(data[:KEPT_BYTES]):
            return data
    return b""


def _printable(data: bytes) -> str | None:
    """`data` as text where it is that; a character cut in two at its end is left out."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        if len(data) < KEPT_BYTES or error.start < len(data) - 3:
            return None
        text = data[: error.start].decode()
    return text if text.isprintable() else None


_DECODERS: Final = {"tags": _tags, "variation_selectors": selector_bytes, "zero_width": _bits}
