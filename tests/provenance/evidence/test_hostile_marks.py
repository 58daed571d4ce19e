"""No page, header or file makes a reader of marks take super-linear time, or say ever more.

Each input is half a megabyte of what a careless parser walks again and again: openings that never
close, nests, runs that match almost. Linear work on all of it takes seconds; quadratic work on one
takes minutes to hours, and the suite would not end.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from provenance.evidence import robots, tdmrep, trust_txt
from provenance.evidence.declared import header_facts
from provenance.evidence.dom import MAX_TREE_ELEMENTS
from provenance.evidence.page import read_page
from provenance.evidence.page_rights import header_preferences
from provenance.evidence.robots import fits
from provenance.evidence.rsl import licence_preferences
from provenance.evidence.site_rights import SiteRights
from provenance.evidence.sources import SourceTable, site_of
from provenance.evidence.structured_fields import pairs
from provenance.evidence.vocabulary import meaning

SIZE = 500_000
#: What a reader may say of a text, as characters of its `repr`, in multiples of the text.
LIMIT_TIMES = 20

#: Pieces that are repeated up to SIZE.
HOSTILE = (
    "<", ">", "<a ", "<!--", '"', "'", "<script ", "<script type=application/ld+json>", "[", "{",
    '{"a":', "a", " ", "\t", ";", ",", "=", "a=", 'a="', "a=\\", "-", "*", "/*", "/", ".", "a.",
    "\n", "User-agent: GPTBot\n", "Disallow: /*a*b*c\n", "member=https://a.example/\n", "AI ",
    "ai-disclosure ", '"generator" content=', "<meta name=generator ", "noai ", "this article was ",
    "<permits type=usage>", "<permits type=", "application/rsl+xml license <", "digitalSourceType",
    "\ufeff", "人工智能", "&", "&amp", "x" * 50 + " AI " + "<" * 20,
)  # fmt: skip

Reader = Callable[[str], object]
READERS: dict[str, Reader] = {
    "structured field": pairs,
    "vocabulary": meaning,
    "disclosure header": lambda text: header_facts({"ai-disclosure": text}),
    "rights headers": lambda text: header_preferences(
        dict.fromkeys(("content-usage", "x-robots-tag", "link"), text)
    ),
    "rsl": lambda text: list(licence_preferences(text, "x")),
    "robots": lambda text: robots.parse(text).preferences("/" + "a" * 2000),
    "robots pattern": lambda text: fits("/" + text[:2000], "/" + "a" * SIZE),
    "robots path": lambda text: fits("/*a*b*c*d*e*f*$", "/" + text),
    "tdmrep": lambda text: tdmrep.preferences(tdmrep.parse(text), "/"),
    "trust.txt": lambda text: trust_txt.vouched({"a.example": text}, ["a.example"]),
    "site rights": lambda text: SiteRights.of([(text, "robots_txt", text)]),
    "site": lambda text: _refused(site_of, text),
    "lookup": SourceTable({"a.example": "web"}).lookup,
}


def _refused(parse: Reader, text: str) -> object:
    """What `parse` says, or that it is no address: its callers turn ValueError into a problem."""
    try:
        return parse(text)
    except ValueError:
        return None


@pytest.mark.parametrize("name", READERS)
def test_half_a_megabyte_of_hostile_text_is_read_to_its_end(name: str) -> None:
    for piece in HOSTILE:
        text = piece * (SIZE // len(piece))

        said = READERS[name](text)

        assert len(repr(said)) < LIMIT_TIMES * SIZE, piece


#: What brings a page to every reader, before the hostile part.
EVERY_MARK = (
    '<meta name="ai-disclosure" content="mixed"><meta name="generator" content="x"> AI noai '
    '<p itemprop=digitalSourceType><script type="application/ld+json">'
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_page_is_read_to_its_end(piece: str) -> None:
    # The tree itself is guarded by bounds.parsing_fault: here at most as many tags as it lets by.
    n_times = min(SIZE // len(piece), 2500 if "<" in piece else SIZE)
    page = (EVERY_MARK + piece * n_times).encode()

    said = read_page(page, {})

    assert len(repr(said)) < LIMIT_TIMES * SIZE


@pytest.mark.parametrize("mask_generated", [False, True])
def test_a_tree_that_few_bytes_made_huge_is_not_read_and_a_fact_says_so(
    mask_generated: bool,
) -> None:
    """Each of these paragraphs reopens all fonts before it: a million elements, 12 s of walking."""
    fonts = "".join(f"<font size={i}><p>" for i in range(1450))
    page = f"<div ai-disclosure=autonomous>noai This article was written by AI. {fonts}".encode()

    said = read_page(page, {"ai-disclosure": "ai-assisted"}, mask_generated=mask_generated)

    kinds = [fact.kind for fact in said.facts]
    assert kinds == ["declared_mixed", "marks_not_read", "declared_mixed"]
    assert said.masked is None


@pytest.mark.parametrize(("n_more", "is_read"), [(0, True), (1, False)])
def test_a_tree_of_the_largest_size_is_read(n_more: int, is_read: bool) -> None:
    frame = 3  # html, head, body
    n_breaks = MAX_TREE_ELEMENTS - frame - 1 + n_more

    said = read_page(b"<p ai-disclosure=autonomous>text" + b"<br>" * n_breaks, {})

    assert [fact.kind for fact in said.facts] == [
        "declared_synthetic" if is_read else "marks_not_read"
    ]
