"""Everything that is read off one raw page and its headers, before its text is extracted.

The one seam between `extract` and the readers of marks: a reader is a function that returns facts
or preferences, called here. It looks for its mark with an exact and cheap test of the bytes first,
since nearly all pages carry none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from provenance.evidence import declared
from provenance.evidence.facts import Fact
from provenance.evidence.json_ld import json_ld_facts
from provenance.evidence.rights import Preference

#: Response headers that any reader looks at, in lower case.
HEADERS: Final = declared.HEADERS


class PageMarks(NamedTuple):
    """What a page says of itself: facts about its origin, and what it allows to be done with it."""

    facts: tuple[Fact, ...] = ()
    rights: tuple[Preference, ...] = ()

    def plus(self, facts: Sequence[Fact]) -> PageMarks:
        """These marks and more facts."""
        return self._replace(facts=(*self.facts, *facts)) if facts else self


NO_MARKS: Final = PageMarks()


def read_headers(headers: Mapping[str, str]) -> PageMarks:
    """The marks in the response headers, whose names are those of HEADERS."""
    return PageMarks(tuple(declared.header_facts(headers))) if headers else NO_MARKS


def read_page(page: bytes, headers: Mapping[str, str]) -> PageMarks:
    """The marks of an HTML page that is safe to parse, and of its headers.

    page: in UTF-8, perhaps after a byte order mark.
    """
    facts, rights = read_headers(headers)
    return PageMarks((*facts, *json_ld_facts(page)), rights)
