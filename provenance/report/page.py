"""`report.html`: one page that loads nothing, made of `report.json` alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from provenance.report import page_documents, page_sections
from provenance.report.frame import Section, framed

#: The page stays below this, whatever the run; samples give way first.
LIMIT_BYTES: Final = 1_000_000
_SAMPLES: Final = (20, 10, 5, 2, 0)


def page(report: Mapping[str, Any]) -> str:
    """The page, at most LIMIT_BYTES of UTF-8, with as many samples per class as that allows."""
    parts = page_sections.sections(report)
    for n in _SAMPLES:
        made = _page(report, [*parts, page_documents.section(report, n)])
        if len(made.encode()) <= LIMIT_BYTES:
            return made
    raise ValueError(f"the report does not fit in {LIMIT_BYTES} bytes even without samples")


def _page(report: Mapping[str, Any], parts: Sequence[Section]) -> str:
    title = f"{report['name']}: what was kept and why"
    return framed(title, page_sections.lead(report), parts)
