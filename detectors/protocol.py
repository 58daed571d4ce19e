"""What every detector promises.

One score per text, in order; higher is more machine-like; the same text scores the same in any
batch; a text that is too short, empty or degenerate abstains with a reason. A score is no verdict:
`calibration` says what it means for a language and a length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

TOO_SHORT: Final = "too_short"
DEGENERATE: Final = "degenerate"
NOT_CALIBRATED: Final = "not_calibrated"


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """What a detector is.

    unit: of its score ("logit", "nats per token", ...). min_tokens: below which it abstains.
    cost_seconds: rough CPU time of a 2,000-character text, by which a cascade orders detectors.
    reference: the paper or model card.
    """

    name: str
    version: str
    unit: str
    min_tokens: int
    cost_seconds: float
    reference: str


@dataclass(frozen=True, slots=True)
class Score:
    """One text's score, raw and unclamped, or None with the reason for abstaining."""

    value: float | None
    n_tokens: int
    reason: str | None = None


@runtime_checkable
class Detector(Protocol):
    """Texts in, one score each."""

    spec: DetectorSpec

    def score(self, texts: Sequence[str]) -> list[Score]: ...
