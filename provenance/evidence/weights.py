"""What a fact counts for: the one table of log-likelihood ratios, in nats, positive = machine.

A likelihood ratio says how much more often a machine text shows the fact than a human one. Few are
measured; those that are not follow the strength that the reader of the mark stated, rounded to
what nobody would dispute: odds of a million, of ten, of two.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

#: By strength: what its name promises.
STRENGTHS: Final[Mapping[str, float]] = {
    "decisive": math.log(1e6),
    "moderate": math.log(10),
    "weak": math.log(2),
}

#: By kind, where the strength alone would mislead.
#: declared_synthetic: an admission against interest, wrong only where a template marks a whole
#: site; on the simulated crawl no human page has one (benchmarks/quality/evidence.csv), which
#: bounds the share of human pages with such a mark by 3 in 2,000.
KINDS: Final[Mapping[str, float]] = {"declared_synthetic": math.log(100)}

#: How strongly a class of the user's source table speaks for human authorship.
SOURCES: Final[Mapping[str, float]] = {
    "verified_book": -STRENGTHS["decisive"],
    "archive": -STRENGTHS["decisive"],
    "peer_reviewed": -STRENGTHS["moderate"],
    "partner": -STRENGTHS["moderate"],
    "publisher": -STRENGTHS["moderate"],
}

#: A trusted capture before the cutoff: what can be older than the machines is not by them.
EARLY: Final = -STRENGTHS["decisive"]


def fact_llr(kind: str, polarity: str, strength: str) -> float:
    """The log-likelihood ratio of one fact.

    A weak word for human authorship counts nothing: anybody can write "no AI was used", and who
    passes machine text off as human does.
    """
    if polarity == "neutral" or (polarity == "human" and strength == "weak"):
        return 0.0
    size = KINDS.get(kind, STRENGTHS[strength])
    return size if polarity == "synthetic" else -size


def channel(kind: str) -> str:
    """What facts share that would repeat each other: a header, a meta element and JSON-LD that say
    the same were written by one hand. Of each channel the strongest fact counts, and of two as
    strong the one that speaks for a machine."""
    return kind.partition("_")[0]


def strongest(facts: Iterable[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], float]]:
    """The facts of one document that count, each with its log-likelihood ratio, first ones first.

    facts: values of the `evidence` column.
    """
    best: dict[str, tuple[Mapping[str, Any], float]] = {}
    for fact in facts:
        llr = fact_llr(fact["kind"], fact["polarity"], fact["strength"])
        known = best.get(channel(fact["kind"]))
        if llr and (known is None or (abs(llr), llr) > (abs(known[1]), known[1])):
            best[channel(fact["kind"])] = (fact, llr)
    return list(best.values())
