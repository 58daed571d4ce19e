"""How a text repeats itself: variety and repetition of its words, plain float64 definitions.

`kernels/lexis.py` computes the same numbers compiled. Each reads the words of a text in order.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

MTLD_RATIO: Final = 0.72  # types per token at which a factor is full (McCarthy & Jarvis 2010)
LONGEST_MTLD: Final = 500.0  # words; a text without a repetition has no finite MTLD
HAPAX_WORDS: Final = 100  # rates of hapaxes depend on length: taken over windows of this many words
PHRASE_WORDS: Final = 100  # how far back a phrase counts as repeated

Words: TypeAlias = Sequence[Hashable]
Measure: TypeAlias = Callable[[Words], float]


def mtld(words: Words) -> float:
    """Measure of textual lexical diversity, in words (McCarthy & Jarvis 2010, 42:381).

    The mean length of stretches over which types per token stay at 0.72 or above, read forwards
    and backwards; infinite where no word comes twice, 0 without words.
    """
    if not words:
        return 0.0
    lengths = [_over(len(words), _factors(reading)) for reading in (words, words[::-1])]
    return sum(lengths) / 2


def _over(n: int, factors: float) -> float:
    return n / factors if factors else math.inf


def _factors(words: Words) -> float:
    factors, types, n = 0.0, set(), 0
    for word in words:
        types.add(word)
        n += 1
        if len(types) / n < MTLD_RATIO:
            factors, types, n = factors + 1.0, set(), 0
    rest = 1.0 - len(types) / n if n else 0.0
    return factors + rest / (1.0 - MTLD_RATIO)


def _log_mtld(words: Words) -> float:
    return math.log1p(min(mtld(words), LONGEST_MTLD))


def hapaxes(words: Words) -> float:
    """Share of words that occur once, in windows of 100 words; of the whole text below that."""
    n_windows = max(1, len(words) // HAPAX_WORDS)
    size = min(len(words), HAPAX_WORDS)
    windows = [words[i * size : (i + 1) * size] for i in range(n_windows)]
    once = [sum(n == 1 for n in Counter(window).values()) for window in windows]
    return sum(once) / (n_windows * size) if size else 0.0


def yule(words: Words) -> float:
    """Yule's K: 10,000 x (sum of squared counts - words) / words^2 (Yule 1944)."""
    squares = sum(n * n for n in Counter(words).values())
    return 1e4 * (squares - len(words)) / len(words) ** 2 if words else 0.0


def repeated(words: Words, *, size: int) -> float:
    """Share of phrases of `size` words said before within the last 100 words."""
    phrases = [tuple(words[i : i + size]) for i in range(len(words) - size + 1)]
    last: dict[Hashable, int] = {}
    n = 0
    for i, phrase in enumerate(phrases):
        n += i - last.get(phrase, -PHRASE_WORDS - 1) <= PHRASE_WORDS
        last[phrase] = i
    return n / len(phrases) if phrases else 0.0


def doubled(words: Words) -> float:
    """Share of words that repeat the word before."""
    return sum(a == b for a, b in pairwise(words)) / len(words) if words else 0.0


#: name -> (meaning, definition), in the order of the compiled kernel.
VARIETY: Final[dict[str, tuple[str, Measure]]] = {
    "mtld": (f"ln(1 + MTLD in words, at most {LONGEST_MTLD:.0f})", _log_mtld),
    "hapaxes": (f"share of words that occur once in windows of {HAPAX_WORDS} words", hapaxes),
    "yule": ("ln(1 + Yule's K)", lambda words: math.log1p(yule(words))),
    "repeated_pairs": (
        f"share of word pairs said within the last {PHRASE_WORDS} words",
        lambda words: repeated(words, size=2),
    ),
    "repeated_triples": (
        f"share of word triples said within the last {PHRASE_WORDS} words",
        lambda words: repeated(words, size=3),
    ),
    "doubled_words": ("share of words that repeat the word before", doubled),
}
