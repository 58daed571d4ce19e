"""Which pages an HTML parser must not be given: cost before content.

The HTML standard makes two shapes quadratic for every conforming parser: elements nested n deep
(each of n tags is handled at depth n), and formatting elements left open (every block that
follows reopens all of them). Measured on resiliparse 2.0: 4,000 open <div> take 0.4 s, 100,000
minutes; 6,000 tags that alternate <font size=i> and <p> take 9 s and a million nodes. Attributes
of one tag are compared with each other: 10,000 take 0.2 s, 100,000 minutes; so are the options of
a select element.

A page with few tags cannot hurt, whatever their shape, so most pages cost one count of "<", and
nearly all others three counts: no more elements can be open at once than are ever opened. Only
where that bound is too high does a tokenizer, close to the standard's, follow the open elements
without building anything. It is an estimate: it knows comments, raw text, quotes, void elements
and table scope, but not the adoption agency or foreign content.
"""

from __future__ import annotations

import re
from typing import Final

#: Beyond what crawlers store of a page (Common Crawl cuts at 1 to 5 MiB).
MAX_CHARS: Final = 8 * 2**20
#: Tags below which no shape takes more than about two seconds.
SAFE_TAGS: Final = 3000
#: Tags times open elements: about a second of parsing and extraction at the limit.
MAX_WORK: Final = 20_000_000
#: An open formatting element is reopened, a copied node, where a nested one is only walked past.
FORMATTING_WEIGHT: Final = 10
#: The standard keeps at most so many identical open formatting elements ("Noah's Ark clause").
_MAX_IDENTICAL: Final = 3
_SHORTEST_TAG_CHARS: Final = 3
_SUSPECT_TAG_CHARS: Final = 8192
#: Of one tag. Half a second per megabyte of such tags.
MAX_ATTRIBUTES: Final = 1000
#: Of one page: lexbor handles each option at the cost of all before it; 10,000 take 0.3 s.
MAX_OPTIONS: Final = 10_000

_ATTRIBUTES: Final = r"""(?:[^>=]++|=\s*(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z))?)*+"""
_TOKEN: Final = re.compile(
    r"<(?:(?P<raw>script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[\s/>])"
    rf"{_ATTRIBUTES}>.*?(?:</(?P=raw)|\Z)"
    rf"|(?P<open>[a-z][^\s/>]*+){_ATTRIBUTES}"
    r"|/(?P<close>[a-z][^\s/>]*+)"
    r"|!--(?:-?>|.*?(?:--!?>|\Z)))",
    re.IGNORECASE | re.DOTALL,
)
_OPEN_TAG: Final = re.compile(rf"<[a-z][^\s/>]*({_ATTRIBUTES})", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""[^\s=/]+(?:\s*=\s*(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|[^\s]*))?""")

#: Never open, or closed by their own next sibling: they do not nest in themselves.
_FLAT: Final = frozenset(
    {
        "a", "area", "base", "body", "br", "col", "colgroup", "dd", "dt", "embed", "frame", "head",
        "hr", "html", "image", "img", "input", "keygen", "li", "link", "meta", "nobr", "optgroup",
        "option", "p", "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track",
        "wbr",
    }
)  # fmt: skip
_FORMATTING: Final = frozenset(
    {"b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"}
)
_FORMATTING_TAG: Final = re.compile(rf"<(?:{'|'.join(sorted(_FORMATTING))})\b", re.IGNORECASE)
_SCOPES: Final = frozenset(
    {"applet", "caption", "marquee", "math", "object", "svg", "table", "template"}
)


def parsing_fault(html: str) -> str | None:
    """The reasons.NO_TEXT code why `html` must not be parsed, or None."""
    if len(html) <= _SHORTEST_TAG_CHARS * SAFE_TAGS:
        return None
    if len(html) > MAX_CHARS or _has_attribute_flood(html):
        return "html_too_large"
    tags = html.count("<")
    if tags > MAX_OPTIONS and html.lower().count("<option") > MAX_OPTIONS:
        return "html_too_large"
    if tags > SAFE_TAGS and _may_open_too_much(html, tags):
        return "html_too_deep" if _opens_too_much(html, MAX_WORK // tags) else None
    return None


def _may_open_too_much(html: str, tags: int) -> bool:
    """Whether the page opens enough elements to reach MAX_WORK if it closed none of them."""
    opened = tags - html.count("</")
    formatting = sum(1 for _ in _FORMATTING_TAG.finditer(html))
    return tags * (opened + FORMATTING_WEIGHT * formatting) > MAX_WORK


def _has_attribute_flood(html: str) -> bool:
    """Whether one tag has more attributes than a parser can compare with each other.

    Looks from the far end of each window back to its last "<": a few steps over a normal page.
    """
    at = 0
    while at + _SUSPECT_TAG_CHARS < len(html):
        last = html.rfind("<", at, at + _SUSPECT_TAG_CHARS)
        if last < 0:
            if _n_attributes(html, at - 1) > MAX_ATTRIBUTES:
                return True
            last = html.find("<", at)
            if last < 0:
                return False
        at = last + 1
    return False


def _n_attributes(html: str, start: int) -> int:
    """Attributes of the tag whose "<" stands at `start`; 0 where no tag opens."""
    tag = _OPEN_TAG.match(html, max(start, 0))
    return sum(1 for _ in _ATTRIBUTE.finditer(tag[1])) if tag else 0


def _opens_too_much(html: str, limit: int) -> bool:
    """Whether more than `limit` elements are open at once, formatting ones counted ten-fold."""
    stack: list[str] = []
    formatting: list[tuple[str, str]] = []
    for token in _TOKEN.finditer(html):
        kind = token.lastgroup
        name = token[kind].lower() if kind in ("open", "close") else ""
        if name in _FLAT or not name:
            continue
        if kind == "close":
            _close(name, stack, formatting)
        else:
            _open(name, token[0], stack, formatting)
            if len(stack) + FORMATTING_WEIGHT * len(formatting) > limit:
                return True
    return False


def _open(name: str, tag: str, stack: list[str], formatting: list[tuple[str, str]]) -> None:
    if name in _FORMATTING:
        if formatting.count((name, tag)) < _MAX_IDENTICAL:
            formatting.append((name, tag))
    elif not (tag.endswith("/") and "svg" in stack):
        stack.append(name)


def _close(name: str, stack: list[str], formatting: list[tuple[str, str]]) -> None:
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
