"""What a publisher says of its own text: facts that anybody can write, and none can check.

They may lower a document's tier, and never raise it alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from provenance.evidence import vocabulary
from provenance.evidence.facts import Fact, Polarity, Strength
from provenance.evidence.structured_fields import pairs
from provenance.evidence.vocabulary import Declaration

#: Polarity and strength of a declaration. "mixed" points to a machine's part in the text.
_KINDS: Final[dict[Declaration, tuple[Polarity, Strength]]] = {
    "synthetic": ("synthetic", "moderate"),
    "mixed": ("synthetic", "weak"),
    "human": ("human", "weak"),
    "unknown": ("neutral", "weak"),
}
#: Characters of a mark that are kept as detail.
_DETAIL_CHARACTERS: Final = 200

DISCLOSURE_HEADER: Final = "ai-disclosure"
GENERATED_HEADER: Final = "x-ai-generated"
#: Response headers that declare something, in lower case.
HEADERS: Final = (DISCLOSURE_HEADER, GENERATED_HEADER)


def declared(meaning: Declaration, where: str, what: str) -> Fact:
    """The fact that `where` declares `what`, whose meaning is given."""
    polarity, strength = _KINDS[meaning]
    return Fact(f"declared_{meaning}", polarity, strength, f"{where}: {what}"[:_DETAIL_CHARACTERS])


def header_facts(headers: Mapping[str, str]) -> list[Fact]:
    """What the response headers, names in lower case, declare."""
    facts = []
    if DISCLOSURE_HEADER in headers:
        facts.append(_disclosure(headers[DISCLOSURE_HEADER]))
    if GENERATED_HEADER in headers:
        value = headers[GENERATED_HEADER]
        facts.append(declared(vocabulary.answer(value), "header X-AI-Generated", value))
    return facts


def _disclosure(field: str) -> Fact:
    """`mode` of an AI-Disclosure header; without one, its first word."""
    found = pairs(field)
    modes = [value for key, value in found if key == "mode"]
    word = modes[0] if modes else next((key for key, value in found if not value), field)
    return declared(vocabulary.meaning(word), "header AI-Disclosure", field)
