"""How far people and the machine agree on the documents that people judged."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

VERDICTS: Final = ("human", "machine", "mixed", "unsure")
_NORMAL_95: Final = 1.959963984540054  # two-sided 95 % point of the standard normal


def consensus(verdicts: Iterable[str]) -> str:
    """What the reviewers of one document say together: the only verdict given, else "unsure".

    Who was unsure does not count against those who were not.
    """
    sure = {verdict for verdict in verdicts if verdict != "unsure"}
    return sure.pop() if len(sure) == 1 else "unsure"


def machine_verdict(tier: int) -> str:
    """What a tier says of the author: tier 3 says nothing."""
    return {0: "machine", 1: "human", 2: "human"}.get(tier, "unsure")


def agreement(judged: Mapping[str, Sequence[str]], tiers: Mapping[str, int]) -> dict[str, Any]:
    """Counts and rates over the judged documents, as JSON values.

    judged: verdicts of each document's reviewers. tiers: the tier of each. confusion: what the
    machine says -> what people say -> documents. kappa: Cohen's (1960), over documents on which
    both took a side; null where chance alone would agree. false_positives: of the documents that
    people call human, those in tier 0; misses: of those they call machine, those in tier 1 or 2.
    """
    people = {doc: consensus(verdicts) for doc, verdicts in judged.items()}
    pairs = Counter((machine_verdict(tiers[doc]), verdict) for doc, verdict in people.items())
    both = {pair: n for pair, n in pairs.items() if set(pair) <= {"human", "machine"}}
    several = [verdicts for verdicts in judged.values() if len(verdicts) > 1]
    return {
        "documents": len(judged),
        "verdicts": {name: sum(v == name for v in people.values()) for name in VERDICTS},
        "confusion": {
            ours: {theirs: pairs[ours, theirs] for theirs in VERDICTS}
            for ours in ("human", "machine", "unsure")
        },
        "kappa": kappa(both),
        "false_positives": _rate(pairs["machine", "human"], _of(people, "human")),
        "misses": _rate(pairs["human", "machine"], _of(people, "machine")),
        "judged_by_several": len(several),
        "reviewers_agree": sum(len(set(verdicts)) == 1 for verdicts in several),
    }


def _of(people: Mapping[str, str], verdict: str) -> int:
    return sum(value == verdict for value in people.values())


def _rate(n: int, of: int) -> dict[str, Any]:
    low, high = wilson(n, of)
    share = n / of if of else None
    return {"documents": n, "of": of, "share": share, "low": low, "high": high}


def kappa(pairs: Mapping[tuple[str, str], int]) -> float | None:
    """Cohen's kappa of two judges: (p_o - p_e) / (1 - p_e); None where p_e is 1 or nothing is."""
    total = sum(pairs.values())
    if not total:
        return None
    names = {name for pair in pairs for name in pair}
    observed = sum(pairs.get((name, name), 0) for name in names) / total
    expected = (
        sum(
            sum(n for (one, _), n in pairs.items() if one == name)
            * sum(n for (_, other), n in pairs.items() if other == name)
            for name in names
        )
        / total**2
    )
    return None if expected == 1 else (observed - expected) / (1 - expected)


def wilson(n: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson (1927); 0 to 1 where nothing was counted."""
    if not of:
        return 0.0, 1.0
    z2, share = _NORMAL_95**2, n / of
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _NORMAL_95 / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of**2))
    # At the ends the interval closes exactly, which rounding would miss.
    return (0.0 if n == 0 else centre - half), (1.0 if n == of else centre + half)
