"""Changes to a training text that must not change its score much, drawn from a seeded generator."""

from __future__ import annotations

import random
from typing import Final

SHORTEST_WORDS: Final = 60
LONGEST_WORDS: Final = 500
_TYPO_TEXTS: Final = 0.15  # share of texts that get typing errors
_TYPO_WORDS: Final = 0.03  # share of their words
_UNPUNCTUATED_TEXTS: Final = 0.05  # share of texts that lose their commas


def random_window(text: str, *, rng: random.Random) -> str:
    """60 to 500 words from a random place, drawn alike for both labels."""
    return window_of(text, rng.randint(SHORTEST_WORDS, LONGEST_WORDS), rng=rng)


def window_of(text: str, n_words: int, *, rng: random.Random) -> str:
    """`n_words` words, or all there are, from a random place; white space becomes single spaces."""
    words = text.split()
    start = rng.randint(0, max(0, len(words) - n_words))
    return " ".join(words[start : start + n_words])


def augmented(text: str, *, rng: random.Random) -> str:
    """A window of the text, at times with typing errors or without its commas.

    Case, spacing, quotes, dashes and Markdown need no augmentation: the scored form and the
    tokeniser drop them.
    """
    text = random_window(text, rng=rng)
    if rng.random() < _TYPO_TEXTS:
        text = with_typos(text, rng=rng)
    if rng.random() < _UNPUNCTUATED_TEXTS:
        text = text.replace(",", "")
    return text


def with_typos(text: str, *, rng: random.Random) -> str:
    """The text with letters swapped, doubled or lost in 3 % of its words."""
    words = text.split(" ")
    for i, word in enumerate(words):
        if len(word) > 3 and rng.random() < _TYPO_WORDS:
            words[i] = _typo(word, rng=rng)
    return " ".join(words)


def _typo(word: str, *, rng: random.Random) -> str:
    at = rng.randint(1, len(word) - 2)
    kind = rng.choice(("swap", "double", "lose"))
    if kind == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at] * (2 if kind == "double" else 0) + word[at + 1 :]
