"""Facts that a crawl record itself states: what was seen, never what it means.

What a fact counts for depends on the policy (its cutoff, its prior), so a fact carries no verdict
and survives in the scored store; `evidence.posterior` and `evidence.tiers` weigh it later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Polarity = Literal["human", "synthetic", "neutral"]
Strength = Literal["decisive", "moderate", "weak"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing seen. `polarity` says which way it points, `strength` how far."""

    kind: str
    polarity: Polarity
    strength: Strength
    detail: str | None = None

    def row(self) -> dict[str, str | None]:
        """The fact as a value of the `evidence` column."""
        return {
            "kind": self.kind,
            "polarity": self.polarity,
            "strength": self.strength,
            "detail": self.detail,
        }


def capture_fact(captured_at: datetime | None) -> Fact | None:
    """When the crawler fetched the page: the only date that is trusted."""
    if captured_at is None:
        return None
    return Fact("capture_date", "neutral", "decisive", captured_at.strftime("%Y-%m-%dT%H:%M:%SZ"))


def truncation_fact(truncated: str | None) -> Fact | None:
    """That the crawler cut the page short: its text may end in the middle."""
    return Fact("crawler_truncated", "neutral", "weak", truncated) if truncated else None
