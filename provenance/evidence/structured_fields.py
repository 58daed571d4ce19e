"""HTTP structured field dictionaries (RFC 9651) as servers really send them.

Valid fields read as the RFC says, which a test holds against an independent parser. Unlike the
RFC, a fault costs its own member and not the whole field: a publisher's wish should not be lost to
a space too many.
"""

from __future__ import annotations

import re
from typing import Final

#: Members and parameters of one field that are read.
MAX_PAIRS: Final = 64
#: Characters of one field that are read.
MAX_CHARACTERS: Final = 8192

_PAIR: Final = re.compile(
    r"""\s*+(?P<key>[A-Za-z*_][A-Za-z0-9_.*-]*+)\s*+
        (?:=\s*+(?:"(?P<string>(?:[^"\\]|\\.)*+)"|(?P<bare>[^\s;,"]*+)))?+
        \s*+(?:[;,]|\Z)""",
    re.VERBOSE,
)
_NEXT: Final = re.compile(r"[^;,]*+[;,]")
_ESCAPED: Final = re.compile(r"\\(.)")


def pairs(field: str) -> list[tuple[str, str]]:
    """(key, value) of every member and parameter of `field`, in order; keys in lower case.

    A key without a value has the value "". Strings come without quotes, dates and tokens as
    written. Whether a pair is a member or a parameter of the one before is not told apart: the
    drafts' own examples mix the two.
    """
    field = field[:MAX_CHARACTERS]
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(field) and len(found) < MAX_PAIRS:
        pair = _PAIR.match(field, at)
        if pair:
            found.append((pair["key"].lower(), _value(pair)))
        step = pair or _NEXT.match(field, at)
        if step is None:
            break
        at = step.end()
    return found


def _value(pair: re.Match[str]) -> str:
    if pair["string"] is not None:
        return _ESCAPED.sub(r"\1", pair["string"])
    return pair["bare"] or ""
