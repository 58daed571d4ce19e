"""Strings as JSON may hold them, made fit for UTF-8."""

from __future__ import annotations


def encoded(text: str) -> bytes:
    """`text` as UTF-8; a lone surrogate, which UTF-8 cannot hold, becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
