"""Which pages an HTML parser must not be given: cost before content.

The HTML standard makes two shapes quadratic for every conforming parser: elements nested n deep
(each of n tags is handled at depth n), and formatting elements left open (every block that
follows reopens all of them). Measured on resiliparse 2.0: 4,000 open <div> take 0.4 s, 100,000
minutes; 6,000 tags that alternate <font size=i> and <p> take 9 s and a million nodes. Attributes
of one tag are compared with each other: 10,000 take 0.2 s, 100,000 minutes; so are the options of
a select element.

A page with few tags cannot hurt, whatever their shape, so most pages cost one count of "<". Of the
others, no more elements can be open at once than are ever opened: first every tag that opens one
is weighed, in one array operation; on the few pages where that is too much (1 in 200 real ones),
only tags that can nest. Where even these are too many, a tokenizer close to the standard's follows
the open elements without building anything. It is an estimate: it knows comments, raw text,
quotes, void elements and table scope, but not the adoption agency or foreign content. Both bounds
lie above it, and so never change the answer. Cost: 10 us for a page of 31 kB, 32 us for one of 90.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Beyond what crawlers store of a page (Common Crawl cuts at 1 to 5 MiB).
MAX_BYTES: Final = 8 * 2**20
#: Tags below which no shape takes more than about two seconds.
SAFE_TAGS: Final = 3000
#: Tags times open elements: about a second of parsing and extraction at the limit.
MAX_WORK: Final = 20_000_000
#: An open formatting element is reopened, a copied node, where a nested one is only walked past.
FORMATTING_WEIGHT: Final = 10
#: The standard keeps at most so many identical open formatting elements ("Noah's Ark clause").
_MAX_IDENTICAL: Final = 3
_SHORTEST_TAG_BYTES: Final = 3
_SUSPECT_TAG_BYTES: Final = 8192
#: Of one tag. Half a second per megabyte of such tags.
MAX_ATTRIBUTES: Final = 1000
#: Of one page: lexbor handles each option at the cost of all before it; 10,000 take 0.3 s.
MAX_OPTIONS: Final = 10_000

#: Never open, or closed by their own next sibling: they do not nest in themselves.
_FLAT: Final = frozenset(
    b"a area base body br col colgroup dd dt embed frame head hr html image img input keygen li "
    b"link meta nobr optgroup option p param source tbody td tfoot th thead tr track wbr".split()
)
_FORMATTING: Final = frozenset(b"b big code em font i s small strike strong tt u".split())
_SCOPES: Final = frozenset(b"applet caption marquee math object svg table template".split())

_ATTRIBUTES: Final = rb"""(?:[^>=]++|=\s*(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z))?)*+"""
_TOKEN: Final = re.compile(
    rb"<(?:(?P<raw>script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[\s/>])"
    rb"%(attributes)b>.*?(?:</(?P=raw)|\Z)"
    rb"|(?P<open>[a-z][^\s/>]*+)%(attributes)b"
    rb"|/(?P<close>[a-z][^\s/>]*+)"
    rb"|!--(?:-?>|.*?(?:--!?>|\Z)))" % {b"attributes": _ATTRIBUTES},
    re.IGNORECASE | re.DOTALL,
)
#: On lower case: ignoring case takes three times as long.
_OPENED_NAME: Final = re.compile(rb"<([a-z][^\s/>]*+)")
_OPEN_TAG: Final = re.compile(rb"<[a-z][^\s/>]*(%b)" % _ATTRIBUTES, re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(rb"""[^\s=/]+(?:\s*=\s*(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|[^\s]*))?""")


def parsing_fault(html: bytes) -> str | None:
    """The reasons.NO_TEXT code why `html` must not be parsed, or None.

    html: in UTF-8, or in any encoding that holds ASCII, and nothing else, in bytes below 128.
    """
    if len(html) <= _SHORTEST_TAG_BYTES * SAFE_TAGS:
        return None
    if len(html) > MAX_BYTES or _has_attribute_flood(html):
        return "html_too_large"
    tags = int(np.count_nonzero(np.frombuffer(html, np.uint8) == ord("<")))
    if tags <= SAFE_TAGS:
        return None
    if tags > MAX_OPTIONS and html.lower().count(b"<option") > MAX_OPTIONS:
        return "html_too_large"
    limit = MAX_WORK // tags
    if _opened(html) <= limit or _nesting(html) <= limit or not _opens_too_much(html, limit):
        return None
    return "html_too_deep"


def _start_weights() -> NDArray[np.uint8]:
    """What a tag opens at most, by its first two bytes: nothing, an element, a formatting one."""
    weights = np.zeros((256, 256), np.uint8)
    weights[list(string.ascii_letters.encode())] = 1
    for name in _FORMATTING:
        second = name[1:2] + name[1:2].upper() or f"{string.whitespace}/>".encode()
        weights[np.ix_(list(name[:1] + name[:1].upper()), list(second))] = FORMATTING_WEIGHT
    return weights


_START_WEIGHTS: Final = _start_weights()


def _opened(html: bytes) -> int:
    """A bound on the weight of all elements ever opened; <style> passes for <strong>."""
    page = np.frombuffer(html, np.uint8)
    at = np.flatnonzero(page[: -_SHORTEST_TAG_BYTES + 1] == ord("<"))
    return int(_START_WEIGHTS[page[at + 1], page[at + 2]].sum())


def _nesting(html: bytes) -> int:
    """A closer bound: the weight of the opened elements that can nest in each other."""
    names = Counter(_OPENED_NAME.findall(html.lower()))
    return sum(
        count * (FORMATTING_WEIGHT if name in _FORMATTING else 1)
        for name, count in names.items()
        if name not in _FLAT
    )


def _has_attribute_flood(html: bytes) -> bool:
    """Whether one tag has more attributes than a parser can compare with each other.

    Looks from the far end of each window back to its last "<": a few steps over a normal page.
    """
    at = 0
    while at + _SUSPECT_TAG_BYTES < len(html):
        last = html.rfind(b"<", at, at + _SUSPECT_TAG_BYTES)
        if last < 0:
            if _n_attributes(html, at - 1) > MAX_ATTRIBUTES:
                return True
            last = html.find(b"<", at)
            if last < 0:
                return False
        at = last + 1
    return False


def _n_attributes(html: bytes, start: int) -> int:
    """Attributes of the tag whose "<" stands at `start`; 0 where no tag opens."""
    tag = _OPEN_TAG.match(html, max(start, 0))
    return sum(1 for _ in _ATTRIBUTE.finditer(tag[1])) if tag else 0


def _opens_too_much(html: bytes, limit: int) -> bool:
    """Whether more than `limit` elements are open at once, formatting ones counted ten-fold."""
    stack: list[bytes] = []
    formatting: list[tuple[bytes, bytes]] = []
    for token in _TOKEN.finditer(html):
        kind = token.lastgroup
        name = token[kind].lower() if kind in ("open", "close") else b""
        if name in _FLAT or not name:
            continue
        if kind == "close":
            _close(name, stack, formatting)
        else:
            _open(name, token[0], stack, formatting)
            if len(stack) + FORMATTING_WEIGHT * len(formatting) > limit:
                return True
    return False


def _open(
    name: bytes, tag: bytes, stack: list[bytes], formatting: list[tuple[bytes, bytes]]
) -> None:
    if name in _FORMATTING:
        if formatting.count((name, tag)) < _MAX_IDENTICAL:
            formatting.append((name, tag))
    elif not (tag.endswith(b"/") and b"svg" in stack):
        stack.append(name)


def _close(name: bytes, stack: list[bytes], formatting: list[tuple[bytes, bytes]]) -> None:
    """Closes the innermost `name`, unless a table or the like stands between."""
    if name in _FORMATTING:
        for place in range(len(formatting) - 1, -1, -1):
            if formatting[place][0] == name:
                del formatting[place]
                return
    for place in range(len(stack) - 1, -1, -1):
        if stack[place] == name:
            del stack[place:]
            return
        if stack[place] in _SCOPES and name not in _SCOPES:
            return
