"""How common a text's words are: the head and the tails of the vocabulary, and excess words.

Plain float64 definitions; `kernels/lexis.py` computes the same numbers compiled. Machine text keeps
to the middle of the vocabulary: fewer rare words and fewer unlisted ones (typing errors, names).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, TypeAlias

from detectors.stylometry.features import FUNCTION_WORDS
from detectors.stylometry.frequencies import frequencies, ranks, zipf

RARE_ZIPF: Final = 3.0  # one in a million
MIDDLE_ZIPF: Final = 4.0
NUMBER: Final = b"0"  # the form of a number: counted as a word, but neither common nor rare
_DIGITS: Final = re.compile(rb"[0-9]+")
_FUNCTION_WORDS: Final = frozenset(FUNCTION_WORDS)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is known of a language's words. zipf: form -> Zipf value. excess: forms."""

    language: str
    zipf: Mapping[bytes, float]
    excess: frozenset[bytes]

    @classmethod
    @cache
    def of(cls, language: str) -> Vocabulary:
        """The frozen vocabulary of a language (ISO 639-1); empty where nothing is known."""
        listed = frequencies(language) or frequencies(language, wordlist="small")
        table: dict[bytes, float] = {}
        for word, frequency in listed.items():  # the commonest of those with one form stays
            table.setdefault(_DIGITS.sub(NUMBER, word.encode()), zipf(frequency))
        return cls(language, table, excess_words(language))

    def value(self, form: bytes) -> float | None:
        """Zipf value of a word, or of what its possessive is of; None where it is not listed."""
        known = self.zipf.get(form)
        return self.zipf.get(form[:-2]) if known is None and form.endswith(b"'s") else known


def listed_forms(language: str) -> tuple[bytes, list[float]]:
    """The forms of `Vocabulary.of`, a line each, commonest first, and the Zipf value of each.

    Several words may have one form: the first of them counts.
    """
    known = [*ranks(language)] or [*ranks(language, "small")]
    lines = "".join(f"{word}\n" for _, words in known for word in words).encode()
    values = [value for share, words in known for value in [zipf(share)] * len(words)]
    return _DIGITS.sub(NUMBER, lines), values


@cache
def excess_words(language: str) -> frozenset[bytes]:
    """Words in excess in texts of 2023-2024, where a list is shipped (English); else none."""
    path = files("detectors.stylometry") / "weights" / f"excess_{language}.txt"
    if len(language) != 2 or not language.isalpha() or not path.is_file():
        return frozenset()
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line.encode() for line in lines if line and not line.startswith("#"))


Forms: TypeAlias = Sequence[bytes]
Measure: TypeAlias = Callable[[Forms, Vocabulary], float]


def _known(forms: Forms, vocabulary: Vocabulary) -> list[float]:
    values = [vocabulary.value(form) for form in forms if form != NUMBER]
    return [value for value in values if value is not None]


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0


def _zipf_mean(forms: Forms, vocabulary: Vocabulary) -> float:
    return _mean(_known(forms, vocabulary))


def _zipf_deviation(forms: Forms, vocabulary: Vocabulary) -> float:
    values = _known(forms, vocabulary)
    mean = _mean(values)
    return math.sqrt(_mean([(value - mean) ** 2 for value in values]))


def _zipf_content(forms: Forms, vocabulary: Vocabulary) -> float:
    return _mean(_known([form for form in forms if form not in _FUNCTION_WORDS], vocabulary))


def _rarer_than(limit: float) -> Measure:
    def measure(forms: Forms, vocabulary: Vocabulary) -> float:
        return sum(value < limit for value in _known(forms, vocabulary)) / max(1, len(forms))

    return measure


def _unlisted(forms: Forms, vocabulary: Vocabulary) -> float:
    known = len(_known(forms, vocabulary)) + sum(form == NUMBER for form in forms)
    return (len(forms) - known) / max(1, len(forms))


def _excess(forms: Forms, vocabulary: Vocabulary) -> float:
    return sum(form in vocabulary.excess for form in forms) / max(1, len(forms))


#: name -> (meaning, definition), in the order of the compiled kernel.
TAILS: Final[dict[str, tuple[str, Measure]]] = {
    "zipf_mean": ("mean Zipf value (log10 of uses in 10^9 words) of listed words", _zipf_mean),
    "zipf_deviation": ("standard deviation of Zipf values", _zipf_deviation),
    "zipf_content": ("mean Zipf value of listed words that are no function words", _zipf_content),
    "below_zipf_4": ("share of words rarer than Zipf 4 (listed)", _rarer_than(MIDDLE_ZIPF)),
    "below_zipf_3": ("share of words rarer than Zipf 3 (listed)", _rarer_than(RARE_ZIPF)),
    "unlisted": ("share of words that the list does not hold, numbers apart", _unlisted),
    "excess": ("share of words in excess in 2023-2024 (Kobak et al. 2024)", _excess),
}
