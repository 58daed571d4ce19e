"""Manifests that a store holds compressed, unpacked before a library reads them.

A store is a superbox of manifests (JUMBF, ISO 19566-5). In place of a manifest may stand a superbox
of type c2cm with one `brob` box: the whole manifest in Brotli, as c2pa-rs writes it. A library
would unpack it to any size; here all of them together have one bound.
"""

from __future__ import annotations

from typing import Final

import brotli

from provenance.evidence.c2pa_trust import boxes

#: Of a store, unpacked; a hundred times the manifest of a text.
MAX_BYTES: Final = 2**20
_COMPRESSED: Final = b"c2cm"


def unpacked(store: bytes) -> bytes | None:
    """The store with its compressed manifests unpacked; None for what is damaged or too large."""
    if _COMPRESSED not in store:
        return store
    try:
        ((kind, content),) = boxes(store)
        whole = b""
        for child in boxes(content):
            whole += _manifest(*child, limit_bytes=MAX_BYTES - len(whole))
    except (ValueError, brotli.error):
        return None
    return None if b"jumd" + _COMPRESSED in whole else _box(kind, whole)


def _manifest(kind: bytes, content: bytes, *, limit_bytes: int) -> bytes:
    """One box of a store as it is, or what it holds compressed."""
    described, *held = boxes(content) if kind == b"jumb" else [(b"", b"")]
    if described[0] != b"jumd" or not described[1].startswith(_COMPRESSED):
        whole = _box(kind, content)
    else:
        ((inner, packed),) = held
        if inner != b"brob":
            raise ValueError("a compressed manifest of another kind")
        whole = _decompressed(packed, limit_bytes)
    if len(whole) > limit_bytes:
        raise ValueError("too large")
    return whole


def _decompressed(packed: bytes, limit_bytes: int) -> bytes:
    """All of `packed`, or the first bytes beyond the limit."""
    decoder = brotli.Decompressor()
    whole: bytes = decoder.process(packed, output_buffer_limit=limit_bytes + 1)
    while not decoder.is_finished() and len(whole) <= limit_bytes:
        more = decoder.process(b"", output_buffer_limit=limit_bytes + 1)
        if not more:
            raise ValueError("cut short")
        whole += more
    return whole


def _box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content
