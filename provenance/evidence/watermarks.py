"""Watermarks as facts: every key of a keyring tried on a text, and every trial paid for.

The p value of a text is the smallest over keys, tables and the text with its passages, times the
number of combinations of the keyring (Bonferroni). It is a p value over keys, unless the keyring
has nulls: then it is one under this key, for texts of this language. No watermark found is no fact:
production keys are secret, and a text may be too short.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from detectors.watermark.detector import Tokenize, Watermark, scored_form
from detectors.watermark.empirical_null import Nulls
from detectors.watermark.trials import Int64, Reading
from provenance.evidence.facts import Fact, Strength

#: Corrected p values below which a watermark is a fact, strongest first.
STRENGTHS: Final[tuple[tuple[float, Strength], ...]] = ((1e-6, "decisive"), (1e-3, "moderate"))


@dataclass(frozen=True, slots=True)
class Combination:
    """One key with one table, tried as one test. name: as the keyring calls it.

    fingerprint: of scheme, parameters and tokenizer. nulls: of this key on human text; without
    them, p values are those over keys.
    """

    name: str
    tokenizer: str
    detector: Watermark
    fingerprint: str
    nulls: Nulls | None = None

    def __str__(self) -> str:
        return f"{self.detector.spec.name} {self.name}"


@dataclass(frozen=True, slots=True)
class Keyring:
    """What is tried on every text. digest: SHA-256 over the keyring file and those it names."""

    tokenizers: Mapping[str, Tokenize]
    combinations: tuple[Combination, ...]
    digest: str


def watermark_facts(
    texts: Sequence[str | None], langs: Sequence[str | None], keyring: Keyring
) -> list[Fact | None]:
    """The watermark found in each text, or None, in order. langs: ISO 639-1 of each."""
    forms = [scored_form(text or "") for text in texts]
    ids = {name: tokenize(forms) for name, tokenize in keyring.tokenizers.items()}
    readings = [_readings(one, ids[one.tokenizer], langs) for one in keyring.combinations]
    return [_fact(of_text, keyring.combinations) for of_text in zip(*readings, strict=True)]


def _readings(
    combination: Combination, ids: Sequence[Int64], langs: Sequence[str | None]
) -> list[Reading]:
    nulls = combination.nulls
    of_each = None if nulls is None else [nulls.of(lang) for lang in langs]
    return combination.detector.readings_of_ids(ids, nulls=of_each)


def _fact(readings: Sequence[Reading], combinations: Sequence[Combination]) -> Fact | None:
    read = [(r.log_p_any, i) for i, r in enumerate(readings) if r.log_p_any is not None]
    if not read:
        return None
    log_p, best = min(read)
    log_p += math.log(len(combinations))
    for limit, strength in STRENGTHS:
        if log_p < math.log(limit):
            detail = _detail(combinations[best], readings[best], log_p, len(combinations))
            return Fact("watermark", "synthetic", strength, detail)
    return None


def _detail(combination: Combination, reading: Reading, log_p: float, n_tried: int) -> str:
    passage = reading.passage
    where = ""
    if passage is not None and reading.log_p is not None and passage.log_p < reading.log_p:
        where = f", strongest in tokens {passage.begin} to {passage.end}"
    tried = f"{n_tried} combinations" if n_tried > 1 else "1 combination"
    under = "" if combination.nulls is None else " under this key"
    return (
        f"{combination}: {reading.n_tokens} tokens scored{where};"
        f" p = {_scientific(log_p)}{under}, corrected for {tried}"
    )


def _scientific(log_p: float) -> str:
    """exp(log_p) with two digits, below the smallest double too."""
    exponent, fraction = divmod(log_p / math.log(10.0), 1.0)
    mantissa = f"{10.0**fraction:.1f}"
    if mantissa == "10.0":
        mantissa, exponent = "1.0", exponent + 1
    return f"{mantissa}e{exponent:+.0f}".replace("e+0", "")
