"""What the elements of a page declare of its text: `meta`, `ai-disclosure` attributes, microdata.

An `ai-disclosure` attribute speaks for the text of its element, unless a nearer one does. A page
of which it covers a part is mixed; from half of the text on it is what the attribute says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from provenance.evidence import vocabulary
from provenance.evidence.declared import declared
from provenance.evidence.dom import Node, Page, attribute, is_element
from provenance.evidence.facts import Fact
from provenance.evidence.json_ld import TEXT_TYPES
from provenance.evidence.nearest_mark import MARKED, UNMARKED, covered, said
from provenance.evidence.vocabulary import Declaration

DISCLOSURE_NAMES: Final = ("ai-disclosure", "ai_disclosure", "ai-content-disclosure")
GENERATED_NAMES: Final = ("ai-generated", "ai_generated")
#: Levels above a property that are searched for the thing it belongs to.
MAX_LEVELS: Final = 64
#: From this share of the text on, a marked element speaks for the page.
MOST: Final = 0.5
_SOURCE_TYPE: Final = "[itemprop~=digitalSourceType], [property$=digitalSourceType]"


def element_facts(page: Page) -> list[Fact]:
    """What the elements of the page declare."""
    return [*_meta_facts(page), *_attribute_facts(page), *_microdata_facts(page)]


def _meta_facts(page: Page) -> Iterator[Fact]:
    for name, content in page.metas():
        if name in DISCLOSURE_NAMES:
            yield declared(vocabulary.meaning(content), f"meta {name}", content)
        elif name in GENERATED_NAMES:
            yield declared(vocabulary.answer(content), f"meta {name}", content)


def _attribute_facts(page: Page) -> Iterator[Fact]:
    first = page.first(MARKED)
    if first is None:
        return
    characters = covered(page)
    total = sum(characters.values())
    synthetic, mixed = characters["synthetic"], characters["mixed"]
    if total and synthetic >= MOST * total:
        meaning: Declaration = "synthetic"
    elif synthetic or mixed:
        meaning = "mixed"
    else:
        meaning = "human" if characters["human"] else "unknown"
    share = f"{1 - characters[UNMARKED] / total:.0%}" if total else "none"
    yield declared(meaning, "element", f"{said(first)}; {share} of the page's text is marked")


def _microdata_facts(page: Page) -> Iterator[Fact]:
    for node in page.select(_SOURCE_TYPE):
        values = (attribute(node, name) for name in ("content", "href", "resource"))
        value = next((value for value in values if value), node.text.strip())
        if _type(node) in TEXT_TYPES:
            yield declared(vocabulary.source_type(value), "microdata digitalSourceType", value)


def _type(node: Node) -> str:
    """Name of the type of the thing that `node` describes; empty when none is stated."""
    above = node.parent
    for _ in range(MAX_LEVELS):
        if above is None or not is_element(above):
            break
        kind = attribute(above, "itemtype") or attribute(above, "typeof")
        if kind.strip():
            return kind.split()[0].rpartition("/")[2].rpartition(":")[2]
        above = above.parent
    return ""
