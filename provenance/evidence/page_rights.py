"""Rights that a page and its response headers state, each in the syntax of its own proposal.

AIPREF `Content-Usage` (draft-ietf-aipref-attach and -vocab, with the categories of older drafts),
Cloudflare's Content Signals, TDMRep (W3C community group, 2024: a `meta` element overrules the
header), RSL 1.0, and the `noai` directive of robots metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from provenance.evidence.dom import Page, attribute
from provenance.evidence.rights import Preference, Stance, Use, usage_preferences
from provenance.evidence.rsl import licence_preferences

#: Response headers that state rights, in lower case.
HEADERS: Final = (
    "content-usage", "content-signal", "tdm-reservation", "tdm-policy", "x-robots-tag", "link",
)  # fmt: skip
RSL_TYPE: Final = "application/rsl+xml"
_NOAI: Final[dict[str, Use]] = {"noai": "train_ai", "noimageai": "image_train_ai"}
_WORD: Final = re.compile(r"[a-z0-9_-]+", re.ASCII)
_LICENCE_LINK: Final = re.compile(r"<([^<>]{1,2000})>([^<]{0,500})")
_LICENCES: Final = f'link[rel~=license][type="{RSL_TYPE}" i]'
_INLINE: Final = f'script[type="{RSL_TYPE}" i]'
_RESERVED: Final[dict[str, Stance]] = {"1": "denied", "0": "allowed"}


def header_preferences(headers: Mapping[str, str]) -> list[Preference]:
    """What the response headers, names in lower case, allow or deny."""
    found: list[Preference] = []
    for name in ("content-usage", "content-signal"):
        if name in headers:
            found += usage_preferences(headers[name], f"header {name}")
    found += _reservation(headers, "header")
    if "x-robots-tag" in headers:
        found += _noai(headers["x-robots-tag"], "header x-robots-tag")
    if RSL_TYPE in headers.get("link", ""):
        found += _licence_links(headers["link"])
    return found


def element_preferences(page: Page) -> list[Preference]:
    """What the elements of a page allow or deny."""
    named = dict(reversed(list(page.metas())))  # the first of a name counts
    found = _reservation(named, "meta")
    for name, content in named.items():
        if name == "robots" or name.endswith("bot"):
            found += _noai(content, f"meta {name}")
    for node in page.select(_LICENCES):
        found.append(_terms("link rel=license", attribute(node, "href")))
    for node in page.select(_INLINE):
        found += licence_preferences(node.text, "script rsl+xml")
    return found


def page_preferences(page: Page, headers: Mapping[str, str]) -> list[Preference]:
    """What page and headers say together: an element of TDMRep overrules its header."""
    elements = element_preferences(page)
    if any(one.source.endswith("tdm-reservation") for one in elements):
        headers = {name: value for name, value in headers.items() if name != "tdm-reservation"}
    return [*header_preferences(headers), *elements]


def _reservation(fields: Mapping[str, str], where: str) -> list[Preference]:
    """TDMRep: 1 reserves the rights, 0 does not; any other value says nothing."""
    stance = _RESERVED.get(fields.get("tdm-reservation", "").strip())
    if stance is None:
        return []
    policy = fields.get("tdm-policy", "").strip()[:500] or None
    return [Preference(f"{where} tdm-reservation", "train_ai", stance, policy)]


def _noai(text: str, source: str) -> Iterator[Preference]:
    for word in dict.fromkeys(_WORD.findall(text[:2000].lower())):
        if word in _NOAI:
            yield Preference(source, _NOAI[word], "denied", word)


def _licence_links(field: str) -> Iterator[Preference]:
    for address, parameters in _LICENCE_LINK.findall(field[:16_384]):
        if RSL_TYPE in parameters.lower() and "license" in parameters.lower():
            yield _terms("header link", address)


def _terms(source: str, address: str) -> Preference:
    """Terms that stand in a file of their own, which the crawl may not hold."""
    return Preference(source, "train_ai", "conditional", address[:500] or None)
