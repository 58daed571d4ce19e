"""How rare the words of a text are, against word frequencies frozen before machine-written text.

Model collapse takes the tails of the vocabulary first (Shumailov et al. 2024,
doi:10.1038/s41586-024-07566-y), so a document whose words are rare is worth keeping. The reference
is `wordfreq`, whose lists end in 2021. Misspellings, names and code are rare words too: rarity
raises a weight, it never judges.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from detectors.stylometry.frequencies import frequencies

#: Fewer distinct words than this say nothing.
MIN_DISTINCT_WORDS = 20


def rarity(
    normal_forms: Sequence[str | None], languages: Sequence[str | None]
) -> NDArray[np.float32]:
    """Share of a text's distinct words used less than once in a million, float32 [n], 0 to 1.

    normal_forms: texts as `normal_form` gives them. NaN where the language has no list, or the
    text has fewer than MIN_DISTINCT_WORDS distinct words made of letters.
    """
    pairs = zip(normal_forms, languages, strict=True)
    return np.array([_one(text, language) for text, language in pairs], dtype=np.float32)


def _one(text: str | None, language: str | None) -> float:
    common = common_words(language) if language else frozenset()
    if not text or not common:
        return float("nan")
    words = {word for word in text.split(" ") if word.isalpha()}
    if len(words) < MIN_DISTINCT_WORDS:
        return float("nan")
    return len(words - common) / len(words)


@cache
def common_words(language: str) -> frozenset[str]:
    """Words used at least once in a million in `language`; empty where that is not known."""
    return frozenset(frequencies(language, wordlist="small"))
