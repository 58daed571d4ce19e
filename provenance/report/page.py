"""`report.html`: one page that loads nothing, made of `report.json` alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Final

from provenance.report import page_documents, page_sections
from provenance.report.html import Markup, document, element, joined

#: The page stays below this, whatever the run; samples give way first.
LIMIT_BYTES: Final = 1_000_000
_SAMPLES: Final = (20, 10, 5, 2, 0)

Section = tuple[str, str, Markup]


def page(report: Mapping[str, Any]) -> str:
    """The page, at most LIMIT_BYTES of UTF-8, with as many samples per class as that allows."""
    parts = page_sections.sections(report)
    for n in _SAMPLES:
        made = _page(report, [*parts, page_documents.section(report, n)])
        if len(made.encode()) <= LIMIT_BYTES:
            return made
    raise ValueError(f"the report does not fit in {LIMIT_BYTES} bytes even without samples")


def _page(report: Mapping[str, Any], parts: Sequence[Section]) -> str:
    shown = [part for part in parts if part[2]]
    title = f"{report['name']}: what was kept and why"
    links = joined(
        element("li", element("a", heading, href=f"#{name}")) for name, heading, _ in shown
    )
    body = joined([
        element("header", element("h1", title), page_sections.lead(report)),
        element("nav", element("ul", links), aria_label="Contents"),
        element("main", *(
            element("section", element("h2", heading, id=f"{name}-heading"), content, id=name,
                    aria_labelledby=f"{name}-heading")
            for name, heading, content in shown
        )),
    ])  # fmt: skip
    style = (resources.files("provenance.report") / "page.css").read_text("utf-8")
    return document(title, style=style, body=body)
