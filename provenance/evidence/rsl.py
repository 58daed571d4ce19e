"""RSL 1.0 licences (https://rslstandard.org/rsl): which uses they permit and prohibit.

Read with a tokenizer of its own: the format has no schema, its use in pages is rarely well-formed
XML, and an XML parser would have to be defended against entities.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from provenance.evidence.rights import Preference, Stance, Use

MAX_CHARACTERS: Final = 2**16
MAX_RULES: Final = 64
_RULE: Final = re.compile(
    r"<(?:\w{1,16}:)?(permits|prohibits)\b([^<>]{0,200})>([^<>]{0,500})<", re.IGNORECASE
)
_IS_USAGE: Final = re.compile(r"""\btype\s{0,4}=\s{0,4}["']?usage\b""", re.IGNORECASE)
_STANCES: Final[dict[str, Stance]] = {"permits": "allowed", "prohibits": "denied"}
_USES: Final[dict[str, tuple[Use, ...]]] = {
    "all": ("train_ai", "ai_input", "search"),
    "ai-all": ("train_ai", "ai_input"),
    "ai-train": ("train_ai",),
    "train-ai": ("train_ai",),
    "ai-input": ("ai_input",),
    "search": ("search",),
}


def licence_preferences(xml: str, source: str) -> Iterator[Preference]:
    """What an RSL document permits and prohibits."""
    for count, rule in enumerate(_RULE.finditer(xml[:MAX_CHARACTERS])):
        if count == MAX_RULES:
            return
        if not _IS_USAGE.search(rule[2]):
            continue
        for word in re.split(r"[\s,]+", rule[3].strip().lower()):
            for use in _USES.get(word, ()):
                yield Preference(source, use, _STANCES[rule[1].lower()], word)
