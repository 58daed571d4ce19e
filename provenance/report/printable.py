"""Text from a crawl, made safe to print: a terminal obeys what a page's address may hold."""

from __future__ import annotations

import re

#: Control characters but the newline, marks that turn the writing direction, halves of pairs.
_UNPRINTABLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    """`text` with whatever a terminal would obey written as `\\u001b`.

    Newlines stay. JSON stays the same JSON, since it allows these characters inside strings only.
    """
    return _UNPRINTABLE.sub(_escaped, text)


def printable_line(text: str) -> str:
    """`text` as `printable` gives it, on one line."""
    return printable(text).replace("\n", "\\n")


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
