"""Text that elements of its page declare generated, taken out of the page before extraction.

The nearest mark decides: what a person wrote inside a generated section stays, and so does what is
called assisted or edited, or something that nobody knows.
"""

from __future__ import annotations

from provenance.evidence.dom import Page
from provenance.evidence.facts import Fact
from provenance.evidence.nearest_mark import Coverage

#: The kind of the fact.
MASKED = "masked_synthetic"


def mask_declared(page: Page) -> Fact | None:
    """Blanks the text of `page` that is declared generated: the fact of it, None without any."""
    coverage = Coverage(page)
    if not coverage.synthetic:
        return None
    for node in coverage.synthetic:
        node.value = ""
    count = coverage.characters["synthetic"]
    detail = f"{count:,} characters of elements that are declared generated"
    return Fact(MASKED, "neutral", "weak", detail)
