"""What the elements of a page declare of its text: `meta`, `ai-disclosure` attributes, microdata.

An `ai-disclosure` attribute speaks for the text of its element, unless a nearer one does. A page
of which it covers a part is mixed; from half of the text on it is what the attribute says. The
text itself is left alone: which part of it a policy would mask is not for a fact to decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from provenance.evidence import vocabulary
from provenance.evidence.declared import declared
from provenance.evidence.dom import Node, Page, attribute, is_element, is_text
from provenance.evidence.facts import Fact
from provenance.evidence.json_ld import TEXT_TYPES
from provenance.evidence.vocabulary import Declaration

DISCLOSURE_NAMES: Final = ("ai-disclosure", "ai_disclosure", "ai-content-disclosure")
GENERATED_NAMES: Final = ("ai-generated", "ai_generated")
ATTRIBUTES: Final = ("ai-disclosure", "data-ai-disclosure")
#: Levels above a property that are searched for the thing it belongs to.
MAX_LEVELS: Final = 64
#: From this share of the text on, a marked element speaks for the page.
MOST: Final = 0.5
#: Holds no prose of the page's author.
_FURNITURE_TAGS: Final = frozenset(
    ("script", "style", "noscript", "template", "nav", "header", "footer", "aside", "button",
     "select")
)  # fmt: skip
_FURNITURE: Final = "furniture"
_UNMARKED: Final = "unmarked"
_MARKED: Final = ", ".join([*(f"[{name}]" for name in ATTRIBUTES), "genai"])
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
    first = page.first(_MARKED)
    if first is None:
        return
    characters = _characters(page)
    total = sum(characters.values())
    synthetic, mixed = characters["synthetic"], characters["mixed"]
    if total and synthetic >= MOST * total:
        meaning: Declaration = "synthetic"
    elif synthetic or mixed:
        meaning = "mixed"
    else:
        meaning = "human" if characters["human"] else "unknown"
    share = f"{1 - characters[_UNMARKED] / total:.0%}" if total else "none"
    yield declared(meaning, "element", f"{_said(first)}; {share} of the page's text is marked")


def _characters(page: Page) -> Counter[str]:
    """Visible characters of the page, outside its furniture, by what the nearest mark says."""
    coverage = _Coverage()
    page.walk(coverage.enter, coverage.leave)
    del coverage.characters[_FURNITURE]
    return coverage.characters


class _Coverage:
    """Counts characters while a page is walked; `_inside` is what holds at the current place."""

    def __init__(self) -> None:
        self.characters: Counter[str] = Counter()
        self._inside = [_UNMARKED]

    def enter(self, node: Node) -> None:
        holds = self._inside[-1]
        if is_text(node):
            self.characters[holds] += len("".join(node.value.split()))
        elif node.first_child and (own := _own(node)):  # what is empty is entered, never left
            self._inside.append(holds if holds == _FURNITURE else own)

    def leave(self, node: Node) -> None:
        if _own(node):
            self._inside.pop()


def _own(node: Node) -> str | None:
    """What an element changes for the text inside; None = nothing."""
    if not is_element(node):
        return None
    if node.tag in _FURNITURE_TAGS:
        return _FURNITURE
    if node.tag == "genai" or any(node.hasattr(name) for name in ATTRIBUTES):
        return vocabulary.meaning(_said(node))
    return None


def _said(node: Node) -> str:
    """What one marked element says of its own text, as written."""
    if node.tag == "genai":
        return "ai-assisted" if node.hasattr("human-edited") else "ai-generated"
    values = (attribute(node, name) for name in ATTRIBUTES)
    return next((value for value in values if value), "")[:100]


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
