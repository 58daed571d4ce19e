"""trust.txt (JournalList.net): publishers and the associations that vouch for them.

Anybody can write `belongto=` into a file of their own. A publisher counts as vouched for only when
both sides say so: its file names the association, and the association's file names it as a member.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from provenance.evidence.sources import registrable, site_of

MAX_CHARACTERS: Final = 2**22
_LINE: Final = re.compile(r"[ \t]*([A-Za-z]{1,32})[ \t]*=[ \t]*([^\s#]{1,2048})")


@dataclass(frozen=True, slots=True)
class TrustFile:
    """members and associations: sites as `sources.site_of` writes them, in order."""

    members: tuple[str, ...] = ()
    associations: tuple[str, ...] = ()


def parse(text: str) -> TrustFile:
    """What a trust.txt says; other lines than `member=` and `belongto=` are passed over."""
    found: dict[str, dict[str, None]] = {"member": {}, "belongto": {}}
    for line in text[:MAX_CHARACTERS].lstrip("\ufeff").splitlines():
        entry = _LINE.match(line)
        if entry and entry[1].lower() in found and (site := _site(entry[2])):
            found[entry[1].lower()][site] = None
    return TrustFile(tuple(found["member"]), tuple(found["belongto"]))


def vouched(files: Mapping[str, str], associations: Iterable[str]) -> tuple[str, ...]:
    """The sites of publishers that belong to one of `associations`, by both their words, sorted.

    files: the text of each trust.txt by the site that serves it. A member is the site as its
    association writes it, with its path; the two files are matched by registrable domain.
    """
    parsed = {_domain(site): parse(text) for site, text in files.items()}
    found = set()
    for association in map(_domain, associations):
        for member in parsed.get(association, TrustFile()).members:
            said = parsed.get(_domain(member), TrustFile()).associations
            if association and association in map(_domain, said):
                found.add(member)
    return tuple(sorted(found))


def _domain(site: str) -> str:
    """The registrable domain of a site; empty when it has none."""
    return registrable(_site(site)) or ""


def _site(text: str) -> str:
    try:
        return site_of(text)
    except ValueError:
        return ""
