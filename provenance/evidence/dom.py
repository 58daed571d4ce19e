"""The tree of a page, as the readers of marks look at it.

A node is `Any`: which members it has depends on its kind, which the parser's own types leave open.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from resiliparse.parse.html import DOMContext, HTMLTree, NodeType, traverse_dom

Node: TypeAlias = Any

#: Elements of one kind that are looked at.
MAX_ELEMENTS: Final = 512
#: A larger tree is not read. The largest page of the simulated crawl has 4,635 elements; 26 kB of
#: reopened formatting make a million, which took twelve seconds to walk.
MAX_TREE_ELEMENTS: Final = 2**16


class Page:
    """A parsed page. Its bytes are UTF-8 and safe to parse (`bounds.parsing_fault`)."""

    def __init__(self, page: bytes) -> None:
        self._tree: Any = HTMLTree.parse_from_bytes(page)

    @property
    def is_too_large(self) -> bool:
        """Whether it has more than MAX_TREE_ELEMENTS."""
        return len(self._tree.document.query_selector_all("*")) > MAX_TREE_ELEMENTS

    def every(self, selector: str) -> list[Node]:
        """All elements that the CSS `selector` names, in order: outer ones first."""
        found = self._tree.document.query_selector_all(selector)
        return list(found[:])  # as one slice: iteration asks the selector anew for every element

    def select(self, selector: str) -> list[Node]:
        """The first MAX_ELEMENTS elements that the CSS `selector` names, in order."""
        return list(self._tree.document.query_selector_all(selector)[:MAX_ELEMENTS])

    def first(self, selector: str) -> Node | None:
        """The first element that the CSS `selector` names."""
        return self._tree.document.query_selector(selector)

    def metas(self) -> list[tuple[str, str]]:
        """Name in lower case and content of each `meta` element that has a name, in order."""
        names = ((node, _meta_name(node)) for node in self.select("meta"))
        return [(name, attribute(node, "content").strip()) for node, name in names if name]

    def html(self) -> str:
        """The page as it is now, written anew."""
        return str(self._tree)

    def walk(self, enter: Callable[[Node], None], leave: Callable[[Node], None]) -> None:
        """Call `enter` at each node and `leave` behind each that has children."""

        def entered(context: DOMContext) -> None:
            enter(context.node)

        def left(context: DOMContext) -> None:
            leave(context.node)

        traverse_dom(self._tree.document, entered, left)


def attribute(node: Node, name: str) -> str:
    """The value of an attribute; empty when there is none."""
    value: str | None = node.getattr(name)
    return value or ""


def is_element(node: Node) -> bool:
    return node.type is NodeType.ELEMENT


def is_text(node: Node) -> bool:
    return node.type is NodeType.TEXT


def _meta_name(node: Node) -> str:
    names = (attribute(node, kind) for kind in ("name", "property", "http-equiv"))
    return next((name.strip().lower() for name in names if name), "")
