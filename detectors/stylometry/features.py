"""Named measures of style: what each one means, and its plain float64 definition.

All are rates or means, so that a text and its double measure alike; all read the scored form's
tokens, so that case, spacing, quotes, dashes and Markdown do not enter. `kernels/style.py` computes
the same numbers compiled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from detectors.kernels.reference import Token, tokenize

WINDOW_WORDS: Final = 50  # lexical variety is taken over windows of this length: length-free
LONG_WORD_CHARACTERS: Final = 7
REUSE_WORDS: Final = 10  # how far back a word counts as said a moment ago
SENTENCE_ENDS: Final = (b".", b"?", b"!")

FUNCTION_WORDS: Final = tuple(
    b"""a about above across after again against all almost along also although always am among an
    and another any anything are around as at away back be because been before being below between
    both but by can could did do does done down during each either enough even ever every few for
    from further had has have having he her here herself him himself his how however i if in instead
    into is it its itself just least less like many may me might mine more most much must my myself
    near neither never no nor not nothing now of off often on once one only onto or other our ours
    out over own per perhaps quite rather really same shall she should since so some something
    sometimes soon still such than that the their them themselves then there these they this those
    though through throughout thus to together too toward under unless until up upon us very was we
    well were what when where whether which while who whom whose why will with within without would
    yet you your yourself""".split()
)
FIRST_PERSON: Final = tuple(b"i me my mine myself we us our ours i'm i've i'd i'll we're".split())
SECOND_PERSON: Final = tuple(b"you your yours yourself you're you'll you've".split())

Measure: TypeAlias = Callable[[Sequence[Token]], float]


def _words(tokens: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if token.is_word]


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0


def _deviation(values: Sequence[float]) -> float:
    mean = _mean(values)
    return math.sqrt(_mean([(value - mean) ** 2 for value in values]))


def sentence_lengths(tokens: Sequence[Token]) -> list[float]:
    """Words between sentence ends; the last stretch counts even where no mark ends it."""
    lengths, words = [], 0
    for token in tokens:
        words += token.is_word
        if words and token.form in SENTENCE_ENDS:
            lengths.append(float(words))
            words = 0
    return [*lengths, float(words)] if words else lengths


def _share_of(*, accepted: Sequence[bytes]) -> Measure:
    accepted_forms = frozenset(accepted)

    def measure(tokens: Sequence[Token]) -> float:
        return _mean([float(token.form in accepted_forms) for token in _words(tokens)])

    return measure


def _per_word(mark: bytes) -> Measure:
    def measure(tokens: Sequence[Token]) -> float:
        return sum(token.form == mark for token in tokens) / max(1, len(_words(tokens)))

    return measure


def _mean_sentence_length(tokens: Sequence[Token]) -> float:
    return math.log1p(_mean(sentence_lengths(tokens)))


def _sentence_length_variation(tokens: Sequence[Token]) -> float:
    lengths = sentence_lengths(tokens)
    return _deviation(lengths) / _mean(lengths) if lengths else 0.0


def _windows(items: Sequence[bytes]) -> list[Sequence[bytes]]:
    n_windows = len(items) // WINDOW_WORDS
    return [items[i * WINDOW_WORDS : (i + 1) * WINDOW_WORDS] for i in range(n_windows)]


def _distinct_words(tokens: Sequence[Token]) -> float:
    windows = _windows([token.form for token in _words(tokens)])
    return _mean([len(set(window)) / WINDOW_WORDS for window in windows])


def _immediate_reuse(tokens: Sequence[Token]) -> float:
    forms = [token.form for token in _words(tokens)]
    reused = [float(form in forms[max(0, i - REUSE_WORDS) : i]) for i, form in enumerate(forms)]
    return _mean(reused)


def _sentence_openings(tokens: Sequence[Token]) -> float:
    """Distinct opening words of sentences over the root of their number (Guiraud's index)."""
    openings, is_open = [], True
    for token in tokens:
        if is_open and token.is_word:
            openings.append(token.form)
            is_open = False
        elif not token.is_word and token.form in SENTENCE_ENDS:
            is_open = True
    return len(set(openings)) / math.sqrt(len(openings)) if openings else 0.0


def _serial_and(tokens: Sequence[Token]) -> float:
    pairs = pairwise(tokens)
    return sum(a.form == b"," and b.form == b"and" for a, b in pairs) / max(1, len(_words(tokens)))


def _word_lengths(tokens: Sequence[Token]) -> list[float]:
    return [float(token.n_characters) for token in _words(tokens)]


#: name -> (meaning, definition), in the order of the compiled kernel.
FEATURES: Final[dict[str, tuple[str, Measure]]] = {
    "function_words": ("share of English function words", _share_of(accepted=FUNCTION_WORDS)),
    "first_person": ("share of I, me, we, our ...", _share_of(accepted=FIRST_PERSON)),
    "second_person": ("share of you, your ...", _share_of(accepted=SECOND_PERSON)),
    "word_length": ("mean characters of a word", lambda tokens: _mean(_word_lengths(tokens))),
    "word_length_deviation": (
        "standard deviation of characters of a word",
        lambda tokens: _deviation(_word_lengths(tokens)),
    ),
    "long_words": (
        f"share of words of {LONG_WORD_CHARACTERS} characters and more",
        lambda tokens: _mean([float(n >= LONG_WORD_CHARACTERS) for n in _word_lengths(tokens)]),
    ),
    "sentence_length": ("ln(1 + mean words of a sentence)", _mean_sentence_length),
    "sentence_length_variation": (
        "standard deviation over mean of words of a sentence",
        _sentence_length_variation,
    ),
    "sentence_openings": ("distinct opening words / sqrt(sentences)", _sentence_openings),
    "distinct_words": (f"distinct words of {WINDOW_WORDS}, mean over windows", _distinct_words),
    "immediate_reuse": (f"share of words said within the last {REUSE_WORDS}", _immediate_reuse),
    "serial_and": ("', and' per word", _serial_and),
    "commas": ("commas per word", _per_word(b",")),
    "questions": ("question marks per word", _per_word(b"?")),
    "exclamations": ("exclamation marks per word", _per_word(b"!")),
    "colons": ("colons per word", _per_word(b":")),
    "semicolons": ("semicolons per word", _per_word(b";")),
    "brackets": ("opening brackets per word", _per_word(b"(")),
    "dashes": ("dashes and hyphens per word", _per_word(b"-")),
    "quotes": ("quotes per word", _per_word(b"'")),
    "numbers": ("share of numbers", _share_of(accepted=[b"0"])),
}
NAMES: Final = tuple(FEATURES)


def measure(scored_form: str) -> dict[str, float]:
    """Every named feature of a text in its scored form (`normalize.scored_form`), float64.

    All are zero where there is no word.
    """
    tokens = tokenize(scored_form.encode("utf-8", "replace"))
    if not _words(tokens):
        return dict.fromkeys(FEATURES, 0.0)
    return {name: definition(tokens) for name, (_, definition) in FEATURES.items()}
