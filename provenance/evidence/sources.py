"""A user's table of sources: which sites are books, journals, partners, social media.

CSV with a header and two columns, `site` and `class`. `site` is a host, which covers its
subdomains, optionally with a path prefix (`example.org`, `example.org/journal/`). The longest match
wins: a longer host first, then a longer path.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from provenance.errors import PolicyError, Problem, nearest

CLASSES: dict[str, str] = {
    "verified_book": "books whose text is verified against a published edition",
    "peer_reviewed": "peer-reviewed articles",
    "partner": "content received under a contract from its publisher",
    "social": "social media and open comment sites",
    "web": "the open web, stated explicitly",
}


@dataclass(frozen=True, slots=True)
class SourceTable:
    """Site (host or host/path prefix) to class of source."""

    sites: Mapping[str, str]

    def lookup(self, url: str | None) -> str | None:
        """The class of the longest listed site that covers `url`; None when none does."""
        if not self.sites or not url:
            return None
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
        except ValueError:
            return None
        labels = host.split(".")
        for start in range(len(labels)):
            found = self._on_host(".".join(labels[start:]), parts.path)
            if found is not None:
                return found
        return None

    def _on_host(self, host: str, path: str) -> str | None:
        segments = [segment for segment in path.split("/") if segment]
        for count in range(len(segments), -1, -1):
            found = self.sites.get("/".join([host, *segments[:count]]))
            if found is not None:
                return found
        return None


EMPTY = SourceTable({})


def load_sources(path: Path) -> SourceTable:
    """The table in the CSV file at `path`. Raises PolicyError with every faulty line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PolicyError(Problem(str(path), f"cannot read the source table: {error}")) from error
    sites: dict[str, str] = {}
    problems: list[Problem] = []
    for line, row in enumerate(rows, start=2):
        fault = _fault(f"{path}:{line}", row, sites)
        if fault:
            problems.append(fault)
        else:
            sites[_site(row["site"])] = row["class"].strip()
    if problems:
        raise PolicyError(problems)
    return SourceTable(sites)


def _site(text: str) -> str:
    host, _, path = text.strip().removeprefix("https://").removeprefix("http://").partition("/")
    return "/".join([host.lower().rstrip("."), *(part for part in path.split("/") if part)])


def _fault(where: str, row: Mapping[str, str | None], sites: Mapping[str, str]) -> Problem | None:
    site, kind = row.get("site"), row.get("class")
    if not site or not kind:
        return Problem(where, "a row needs a site and a class", accepted="columns site,class")
    if kind.strip() not in CLASSES:
        return Problem(
            where,
            f"unknown class {kind.strip()!r}",
            accepted=", ".join(CLASSES),
            suggestion=nearest(kind.strip(), CLASSES),
        )
    if _site(site) in sites:
        return Problem(where, f"{site.strip()!r} is listed twice")
    return None
