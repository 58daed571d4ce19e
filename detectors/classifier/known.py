"""Which output of well-known classifiers stands for machine text: looked up, never guessed.

Label order is no convention: OpenAI's detectors and RADAR say "machine" with output 0, others with
output 1, and several name their labels LABEL_0 and LABEL_1. Only what the authors' own code or two
independent users of the model show is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Known:
    """How a published classifier is read.

    machine: the output of machine text, by its place or by its label. head: "own" = the sequence
    classification head of its architecture; "mean" = one linear output on the mean over tokens.
    max_tokens: of a window. seen_in: where its polarity is shown.
    """

    machine: int | str
    seen_in: str
    head: Literal["own", "mean"] = "own"
    max_tokens: int = 512


KNOWN: Final[Mapping[str, Known]] = {
    "openai-community/roberta-base-openai-detector": Known(
        0, "RAID's run of it (fake, real); its config names the labels Fake, Real"
    ),
    "openai-community/roberta-large-openai-detector": Known(
        0, "RAID's run of it (fake, real); its config names the labels Fake, Real"
    ),
    "Hello-SimpleAI/chatgpt-detector-roberta": Known(1, "RAID's run of it (real, fake)"),
    "TrustSafeAI/RADAR-Vicuna-7B": Known(0, "RAID's run of it, and the authors' demonstration"),
    "desklib/ai-text-detector-v1.01": Known(
        0, "the model card's code: sigmoid of the one output", head="mean", max_tokens=768
    ),
    "fakespot-ai/roberta-base-ai-text-detection-v1": Known("AI", "its label names: Human, AI"),
    "Oxidane/tmr-ai-text-detector": Known(1, "users of it: LABEL_0 human, LABEL_1 machine"),
}

#: Label names, lower case, that say which is which; anything else is refused.
MACHINE_LABELS: Final = frozenset(
    ("ai", "fake", "machine", "generated", "ai-generated", "machine-generated", "llm", "chatgpt",
     "gpt", "bot", "synthetic"),
)  # fmt: skip
HUMAN_LABELS: Final = frozenset(("human", "real", "human-written", "person"))
