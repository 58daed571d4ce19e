"""What a publisher allows or denies: how a text may be used, never what it is.

Recorded for every document and left to the policy: nothing is dropped for it by default.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Use = Literal["train_ai", "image_train_ai", "ai_input", "search"]
Stance = Literal["allowed", "denied", "conditional"]


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
