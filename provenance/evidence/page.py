"""Everything that is read off one raw page and its headers, before its text is extracted.

The one seam between `extract` and the readers of marks: a reader is a function that returns facts
or preferences, called here. One pass over the bytes finds where marks may stand; nearly all pages
carry none and end there. Only of the others is a tree built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from provenance.evidence import credentials, declared, page_rights
from provenance.evidence.candidates import candidates
from provenance.evidence.dom import MAX_TREE_ELEMENTS, Page
from provenance.evidence.elements import element_facts
from provenance.evidence.facts import Fact
from provenance.evidence.generator import generator_facts
from provenance.evidence.json_ld import json_ld_facts
from provenance.evidence.masking import mask_declared
from provenance.evidence.rights import Preference
from provenance.evidence.statement import statement_facts

#: Response headers that any reader looks at, in lower case.
HEADERS: Final = tuple(dict.fromkeys((*declared.HEADERS, *page_rights.HEADERS, credentials.LINK)))

#: Families of marks that are read off the page's tree.
_ON_THE_TREE: Final = frozenset(("declared", "rights"))
_NOT_READ: Final = Fact(
    "marks_not_read", "neutral", "weak", f"the page has more than {MAX_TREE_ELEMENTS:,} elements"
)


class PageMarks(NamedTuple):
    """What a page says of itself: facts about its origin, and what it allows to be done with it.

    masked: the page without the text that it declares generated; None where nothing was masked.
    """

    facts: tuple[Fact, ...] = ()
    rights: tuple[Preference, ...] = ()
    masked: str | None = None

    def plus(self, facts: Sequence[Fact]) -> PageMarks:
        """These marks and more facts."""
        return self._replace(facts=(*self.facts, *facts)) if facts else self


NO_MARKS: Final = PageMarks()


def read_headers(headers: Mapping[str, str]) -> PageMarks:
    """The marks in the response headers; names as in HEADERS, others are passed over."""
    if headers.keys().isdisjoint(HEADERS):
        return NO_MARKS
    return PageMarks(
        tuple(declared.header_facts(headers)), tuple(page_rights.header_preferences(headers))
    )


def read_page(
    page: bytes, headers: Mapping[str, str], *, mask_generated: bool = False
) -> PageMarks:
    """The marks of an HTML page that is safe to parse, and of its headers.

    page: in UTF-8, perhaps after a byte order mark. mask_generated: what elements declare generated
    is masked, and the other facts are about what is left. Of a page whose tree is too large to be
    read, a fact `marks_not_read` says so, and nothing is masked.
    """
    found = candidates(page)
    marks = read_headers(headers)
    if not found:
        return marks
    said = [
        *generator_facts(page, found.get("generator", ())),
        *statement_facts(page, found.get("statement", ())),
    ]
    if found.keys().isdisjoint(_ON_THE_TREE):
        return marks.plus(said)
    tree = Page(page)
    if tree.is_too_large:
        return marks.plus([_NOT_READ, *said])
    if "declared" in found:
        marks = _declarations(tree, marks, mask_generated=mask_generated)
    if "rights" in found:
        marks = marks._replace(rights=tuple(page_rights.page_preferences(tree, headers)))
    return marks.plus(said)


def _declarations(tree: Page, marks: PageMarks, *, mask_generated: bool) -> PageMarks:
    """`marks` and what the elements of the page declare, of what is left where that is masked."""
    if mask_generated and (fact := mask_declared(tree)):
        marks = marks.plus([fact])._replace(masked=tree.html())
    return marks.plus(element_facts(tree) + json_ld_facts(tree))
