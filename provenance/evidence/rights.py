"""What a publisher allows or denies: how a text may be used, never what it is.

Recorded for every document and left to the policy: nothing is dropped for it by default.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from provenance.evidence.structured_fields import pairs

Use = Literal["train_ai", "image_train_ai", "ai_input", "search"]
Stance = Literal["allowed", "denied", "conditional"]
TrainAi = Literal["allowed", "denied", "unspecified"]

#: Categories of AIPREF and Content Signals, older drafts included. The wide ones hold training.
_CATEGORIES: Final[dict[str, tuple[Use, ...]]] = {
    "train-ai": ("train_ai",),
    "ai-train": ("train_ai",),
    "train-genai": ("train_ai",),
    "genai": ("train_ai",),
    "ai": ("train_ai", "ai_input"),
    "ai-use": ("train_ai", "ai_input"),
    "tdm": ("train_ai",),
    "bots": ("train_ai", "ai_input", "search"),
    "ai-input": ("ai_input",),
    "search": ("search",),
}
_ANSWERS: Final[dict[str, Stance]] = {"y": "allowed", "yes": "allowed", "n": "denied",
                                      "no": "denied"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preference:
    """What `source` (a header, an element, a file) says about one use.

    conditional: allowed on terms that stand elsewhere; `detail` says where.
    """

    source: str
    use: Use
    preference: Stance
    detail: str | None = None

    def row(self) -> dict[str, str | None]:
        """The preference as a value of the `page_rights` and `rights` columns."""
        return {
            "source": self.source,
            "use": self.use,
            "preference": self.preference,
            "detail": self.detail,
        }


def usage_preferences(field: str, source: str) -> list[Preference]:
    """What `train-ai=n, search=y` says, in a header or a line of robots.txt.

    Categories and answers that no draft knows say nothing.
    """
    return [
        Preference(source, use, _ANSWERS[value.lower()], f"{key}={value}")
        for key, value in pairs(field)
        if value.lower() in _ANSWERS
        for use in _CATEGORIES.get(key, ())
    ]


def train_ai(preferences: Iterable[str]) -> TrainAi:
    """The most restrictive of what was said about training: denied, then allowed.

    preferences: values of `Preference.preference` whose use is train_ai.
    """
    said = set(preferences)
    if "denied" in said:
        return "denied"
    return "allowed" if said == {"allowed"} else "unspecified"
