"""Changes to a training text that must not change its score much, drawn from a seeded generator."""

from __future__ import annotations

import random
from typing import Final

SHORTEST_WORDS: Final = 60
LONGEST_WORDS: Final = 500
_TYPO_TEXTS: Final = 0.15  # share of texts that get typing errors
_TYPO_WORDS: Final = 0.03  # share of their words
_UNPUNCTUATED_TEXTS: Final = 0.05  # share of texts that lose their commas
_ROUGH_TEXTS: Final = 0.3  # share of texts that are roughened
_ROUGHEST: Final = 0.2  # largest share of words with typing errors in a rough text
_DISGUISED_TEXTS: Final = 0.1  # share of texts with whole words in look-alike letters
_DISGUISED_WORDS: Final = 0.1  # share of their words

#: Latin letters and Cyrillic ones that look the same.
_LOOK_ALIKES: Final = str.maketrans("aceiopxy", "асеіорху")


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


def roughened(text: str, *, rng: random.Random) -> str:
    """The text, at times with many typing errors, without commas, or with look-alike letters.

    What is left of such attacks in the scored form: words that the vocabulary does not hold.
    """
    if rng.random() < _ROUGH_TEXTS:
        text = with_typos(text, rng=rng, share=rng.uniform(0.0, _ROUGHEST))
    if rng.random() < _UNPUNCTUATED_TEXTS:
        text = text.replace(",", "")
    if rng.random() < _DISGUISED_TEXTS:
        text = disguised(text, rng=rng)
    return text


def disguised(text: str, *, rng: random.Random) -> str:
    """The text with a tenth of its words in Cyrillic letters that look like Latin ones."""
    words = text.split(" ")
    return " ".join(
        word.translate(_LOOK_ALIKES) if rng.random() < _DISGUISED_WORDS else word for word in words
    )


def with_typos(text: str, *, rng: random.Random, share: float = _TYPO_WORDS) -> str:
    """The text with letters swapped, doubled or lost in a share of its words."""
    words = text.split(" ")
    for i, word in enumerate(words):
        if len(word) > 3 and rng.random() < share:
            words[i] = _typo(word, rng=rng)
    return " ".join(words)


def _typo(word: str, *, rng: random.Random) -> str:
    at = rng.randint(1, len(word) - 2)
    kind = rng.choice(("swap", "double", "lose"))
    if kind == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at] * (2 if kind == "double" else 0) + word[at + 1 :]
