"""The frame of every page: a heading, a sentence, links to its sections, and these."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources

from provenance.report.html import Markup, document, element, joined

#: Anchor, heading and content.
Section = tuple[str, str, Markup]


def framed(title: str, lead: Markup, parts: Iterable[Section]) -> str:
    """A whole page that loads nothing; sections without content are left out."""
    shown = [part for part in parts if part[2]]
    links = joined(
        element("li", element("a", heading, href=f"#{name}")) for name, heading, _ in shown
    )
    body = joined([
        element("header", element("h1", title), lead),
        element("nav", element("ul", links), aria_label="Contents"),
        element("main", *(
            element("section", element("h2", heading, id=f"{name}-heading"), content, id=name,
                    aria_labelledby=f"{name}-heading")
            for name, heading, content in shown
        )),
    ])  # fmt: skip
    style = (resources.files("provenance.report") / "page.css").read_text("utf-8")
    return document(title, style=style, body=body)
