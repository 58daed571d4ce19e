"""Which `ai-disclosure` attribute speaks for which text of a page: the nearest one around it."""

from __future__ import annotations

from collections import Counter
from typing import Final

from provenance.evidence import vocabulary
from provenance.evidence.dom import Node, Page, attribute, is_element, is_text

ATTRIBUTES: Final = ("ai-disclosure", "data-ai-disclosure")
#: CSS selector of the elements that are marked.
MARKED: Final = ", ".join([*(f"[{name}]" for name in ATTRIBUTES), "genai"])
UNMARKED: Final = "unmarked"
#: Holds no prose of the page's author.
_FURNITURE_TAGS: Final = frozenset(
    ("head", "script", "style", "noscript", "template", "nav", "header", "footer", "aside",
     "button", "select")
)  # fmt: skip
#: Read by programs, a declaration of theirs too.
_PROGRAM_TAGS: Final = frozenset(("script", "style"))


class Coverage:
    """Every text of a page under the mark that is nearest to it.

    characters: visible ones, spaces aside and outside of furniture, by meaning of the mark or
    UNMARKED. synthetic: the text nodes declared generated, those of furniture included.
    """

    def __init__(self, page: Page) -> None:
        self.characters: Counter[str] = Counter()
        self.synthetic: list[Node] = []
        self._inside = [(UNMARKED, False)]
        page.walk(self._enter, self._leave)

    def _enter(self, node: Node) -> None:
        mark, is_furniture = self._inside[-1]
        if is_text(node):
            if not is_furniture:
                self.characters[mark] += len("".join(node.value.split()))
            is_read = node.parent.tag not in _PROGRAM_TAGS and not node.value.isspace()
            if mark == "synthetic" and is_read:
                self.synthetic.append(node)
        elif node.first_child is not None and _changes(node):  # empty ones are never left
            own = vocabulary.meaning(said(node)) if _is_marked(node) else mark
            self._inside.append((own, is_furniture or node.tag in _FURNITURE_TAGS))

    def _leave(self, node: Node) -> None:
        if _changes(node):
            self._inside.pop()


def said(node: Node) -> str:
    """What one marked element says of its own text, as written."""
    if node.tag == "genai":
        return "ai-assisted" if node.hasattr("human-edited") else "ai-generated"
    values = (attribute(node, name) for name in ATTRIBUTES)
    return next((value for value in values if value), "")[:100]


def _changes(node: Node) -> bool:
    return is_element(node) and (node.tag in _FURNITURE_TAGS or _is_marked(node))


def _is_marked(node: Node) -> bool:
    return node.tag == "genai" or any(node.hasattr(name) for name in ATTRIBUTES)
