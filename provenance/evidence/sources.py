"""A user's table of sources: which sites are books, journals, archives, publishers, social media.

A site is a host, which covers its subdomains, optionally with a path prefix (`example.org`,
`example.org/journal/`). The longest match wins: a longer host first, then a longer path.
`policy.source_table` reads the files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

CLASSES: dict[str, str] = {
    "verified_book": "books whose text is verified against a published edition",
    "peer_reviewed": "peer-reviewed articles",
    "archive": "collections of texts from before text generators",
    "partner": "content received under a contract from its publisher",
    "publisher": "publishers whom an association of theirs vouches for",
    "social": "social media and open comment sites",
    "web": "the open web, stated explicitly",
}

#: Of a name in DNS (RFC 1035); and of the path of a site, deeper ones match up to here.
MAX_HOST_CHARACTERS: Final = 253
MAX_SEGMENTS: Final = 16
_ADDRESS: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SourceTable:
    """Site (host or host/path prefix, as `site_of` writes it) to class of source."""

    sites: Mapping[str, str]

    def lookup(self, url: str | None) -> str | None:
        """The class of the longest listed site that covers `url`; None when none does."""
        if not self.sites or not url:
            return None
        try:
            parts = urlsplit(url)
            host = ascii_host(parts.hostname or "")
        except ValueError:
            return None
        if len(host) > MAX_HOST_CHARACTERS:
            return None
        labels = host.split(".")
        for start in range(len(labels)):
            found = self._on_host(".".join(labels[start:]), parts.path)
            if found is not None:
                return found
        return None

    def _on_host(self, host: str, path: str) -> str | None:
        segments = [part for part in path.split("/", 2 * MAX_SEGMENTS) if part][:MAX_SEGMENTS]
        for count in range(len(segments), -1, -1):
            found = self.sites.get("/".join([host, *segments[:count]]))
            if found is not None:
                return found
        return None


EMPTY = SourceTable({})


def site_of(text: str) -> str:
    """`example.org/journal` of a site however it is written: with a scheme, a port, capitals."""
    address = text.strip()
    parts = urlsplit(address if _ADDRESS.match(address) else f"//{address}")
    segments = [part for part in parts.path.split("/") if part][:MAX_SEGMENTS]
    return "/".join([ascii_host(parts.hostname or ""), *segments])


def registrable(site: str) -> str | None:
    """The domain below a public suffix that a site belongs to: `bbc.co.uk` of `www.bbc.co.uk/x`.

    None for what is no domain or is a public suffix itself, such as `co.uk` or `github.io`, below
    which everybody registers. The list is the one of publicsuffix.org that its package carries.
    """
    found: str | None = _suffixes().privatesuffix(site.partition("/")[0])
    return found


def ascii_host(host: str) -> str:
    """A host name in lower case and as DNS spells it: `xn--mnchen-3ya.example`."""
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=False)
