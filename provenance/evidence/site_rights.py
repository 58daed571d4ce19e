"""Rights that a site states once for all its pages, from the crawl's own records of such files.

A record of robots.txt or tdmrep.json is no document. What it says about training stands in the
`detail` of its reject, in the file's own syntax; here these details are read back, by host. Where
a crawl holds a file several times, the most restrictive reading of all of them counts, so that the
order and the number of workers change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from provenance.evidence import robots, tdmrep
from provenance.evidence.rights import Preference

ROBOTS_PATH: Final = "/robots.txt"
#: Reasons of rejects that may hold such rules.
REASONS: Final = ("robots_txt", "tdmrep_json")


def detail(path: str, body: bytes) -> str | None:
    """What the site-wide file at `path` says about training, in its own syntax; None = nothing."""
    if path == ROBOTS_PATH:
        return (
            robots.parse(body[: 4 * robots.MAX_CHARACTERS].decode("utf-8", "replace")).text()
            or None
        )
    if path == tdmrep.PATH:
        found = tdmrep.parse(body[: 4 * tdmrep.MAX_CHARACTERS].decode("utf-8", "replace"))
        return tdmrep.text(found) if found else None
    return None


@dataclass(slots=True)
class SiteRights:
    """The rules of each host, in lower case, from the details of its rejects."""

    _robots: dict[str, list[robots.SiteRules]] = field(default_factory=dict)
    _tdmrep: dict[str, list[tuple[tdmrep.Reservation, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, rejects: Iterable[tuple[str, str, str]]) -> SiteRights:
        """rejects: (url, reason, detail). Equal rules of many hosts are held once."""
        rights = cls()
        robots_of: dict[str, robots.SiteRules] = {}
        tdmrep_of: dict[str, tuple[tdmrep.Reservation, ...]] = {}
        for url, reason, said in rejects:
            host = _split(url)[0]
            if reason == "robots_txt":
                rules = robots_of.setdefault(said, robots.parse(said))
                rights._robots.setdefault(host, []).append(rules)
            else:
                reserved = tdmrep_of.setdefault(said, tdmrep.parse(said))
                rights._tdmrep.setdefault(host, []).append(reserved)
        return rights

    @property
    def hosts(self) -> list[str]:
        """The hosts that state anything, sorted."""
        return sorted(self._robots.keys() | self._tdmrep.keys())

    def preferences(self, url: str, *, has_own_reservation: bool) -> list[Preference]:
        """What the site of `url` says of that page.

        has_own_reservation: whether the page or its header has a TDMRep reservation, which
        overrules the site's.
        """
        host, path = _split(url)
        found = [said for rules in self._robots.get(host, ()) for said in rules.preferences(path)]
        if not has_own_reservation:
            for reserved in self._tdmrep.get(host, ()):
                found += tdmrep.preferences(reserved, path)
        return list(dict.fromkeys(found))


def _split(url: str) -> tuple[str, str]:
    """Host in lower case, and path with query, of an address; empty where it has none."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return "", "/"
    return host, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
