"""Sentences, word endings and single function words: plain float64 definitions.

`kernels/lexis.py` computes the same numbers compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from detectors.kernels.reference import Token
from detectors.stylometry.features import FUNCTION_WORDS, SENTENCE_ENDS, sentence_lengths

SHORT_SENTENCE: Final = 8  # words, and fewer
LONG_SENTENCE: Final = 30  # words, and more
STEM: Final = 2  # characters that stand before an ending at least

ENDINGS: Final = tuple(
    b"ing ed ly tion ity ness ment ive al ous ful able ance ence er est ize ise n't 's".split()
)
CONTRACTIONS: Final = (b"n't", b"'m", b"'re", b"'ve", b"'ll", b"'d")
CONNECTIVES: Final = tuple(
    b"""accordingly additionally alternatively besides consequently conversely finally firstly
    furthermore hence however indeed instead lastly likewise meanwhile moreover nevertheless
    nonetheless notably otherwise overall secondly similarly specifically subsequently therefore
    thus ultimately""".split()
)
OPENING_CONJUNCTIONS: Final = tuple(b"and but so or because then also yet plus".split())
OPENING_PRONOUNS: Final = tuple(
    b"i you he she it we they i'm i've i'd i'll you're it's he's she's we're they're".split()
)
OPENING_POINTERS: Final = tuple(b"this that these those there here that's there's".split())
OPENING_ARTICLES: Final = tuple(b"the a an".split())

Measure: TypeAlias = Callable[[Sequence[Token]], float]


def _words(tokens: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if token.is_word]


def _share(hits: int, n: int) -> float:
    return hits / n if n else 0.0


def _sentence_steps(tokens: Sequence[Token]) -> float:
    lengths = sentence_lengths(tokens)
    steps = [abs(a - b) for a, b in pairwise(lengths)]
    return sum(steps) / len(steps) * len(lengths) / sum(lengths) if steps else 0.0


def _short_sentences(tokens: Sequence[Token]) -> float:
    lengths = sentence_lengths(tokens)
    return _share(sum(n <= SHORT_SENTENCE for n in lengths), len(lengths))


def _long_sentences(tokens: Sequence[Token]) -> float:
    lengths = sentence_lengths(tokens)
    return _share(sum(n >= LONG_SENTENCE for n in lengths), len(lengths))


def _mark(form: bytes) -> Measure:
    def measure(tokens: Sequence[Token]) -> float:
        return sum(token.form == form for token in tokens) / max(1, len(_words(tokens)))

    return measure


def _among(accepted: Sequence[bytes]) -> Measure:
    forms = frozenset(accepted)

    def measure(tokens: Sequence[Token]) -> float:
        words = _words(tokens)
        return _share(sum(word.form in forms for word in words), len(words))

    return measure


def _ending(endings: Sequence[bytes], *, stem: int) -> Measure:
    def measure(tokens: Sequence[Token]) -> float:
        words = _words(tokens)
        hits = [
            any(word.form.endswith(e) and word.n_characters >= len(e) + stem for e in endings)
            for word in words
        ]
        return _share(sum(hits), len(words))

    return measure


def openings(tokens: Sequence[Token]) -> list[bytes]:
    """The first word of each sentence."""
    found, is_open = [], True
    for token in tokens:
        if token.is_word and is_open:
            found.append(token.form)
            is_open = False
        elif not token.is_word and token.form in SENTENCE_ENDS:
            is_open = True
    return found


def _opening(accepted: Sequence[bytes]) -> Measure:
    forms = frozenset(accepted)

    def measure(tokens: Sequence[Token]) -> float:
        found = openings(tokens)
        return _share(sum(form in forms for form in found), len(found))

    return measure


#: name -> (meaning, definition), in the order of the compiled kernel.
RHYTHM: Final[dict[str, tuple[str, Measure]]] = {
    "sentence_steps": (
        "mean difference of neighbouring sentences' lengths / mean length",
        _sentence_steps,
    ),
    "short_sentences": (f"share of sentences of {SHORT_SENTENCE} words or fewer", _short_sentences),
    "long_sentences": (f"share of sentences of {LONG_SENTENCE} words or more", _long_sentences),
    "opening_conjunctions": (
        "share of sentences that open with and, but, so ...",
        _opening(OPENING_CONJUNCTIONS),
    ),
    "opening_pronouns": ("share of sentences that open with I, it ...", _opening(OPENING_PRONOUNS)),
    "opening_pointers": (
        "share of sentences that open with this, there ...",
        _opening(OPENING_POINTERS),
    ),
    "opening_articles": ("share of sentences that open with the, a", _opening(OPENING_ARTICLES)),
    "opening_connectives": (
        "share of sentences that open with however, overall ...",
        _opening(CONNECTIVES),
    ),
    "connectives": ("share of however, additionally ...", _among(CONNECTIVES)),
    "contractions": ("share of words in n't, 're, 'll ...", _ending(CONTRACTIONS, stem=1)),
    "stops": ("full stops per word", _mark(b".")),
    "slashes": ("slashes per word", _mark(b"/")),
    **{
        f"ending_{ending.decode()}": (
            f"share of words in -{ending.decode()}",
            _ending([ending], stem=STEM),
        )
        for ending in ENDINGS
    },
}

#: Function word -> its share of the words, by its own name.
SINGLE_WORDS: Final[dict[str, tuple[str, Measure]]] = {
    f"word_{form.decode()}": (f"share of the word '{form.decode()}'", _among([form]))
    for form in FUNCTION_WORDS
}
