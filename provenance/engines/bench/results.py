"""The rows of a bench: what each detector is worth on each group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors import measures
from provenance.engines.bench.corpus import Corpus
from provenance.engines.bench.groups import Group
from provenance.engines.bench.readings import Readings
from provenance.report.agreement import wilson

SCHEMA: Final = "bench/1"

Row = dict[str, Any]


#: What stands for the detector where the row is of the fusion of all of them.
FUSED: Final = "fused"
UNREAD: Final = "unread"  # no calibration fits the text


@dataclass(frozen=True, slots=True)
class Judged:
    """A detector and what it says of every text of the corpus.

    values: float64 [n], NaN = nothing; reasons: why, by number of the text. per_domain: how
    thresholds per domain flag them.
    """

    name: str
    values: NDArray[np.float64]
    reasons: Mapping[int, str]
    readings: Readings
    per_domain: Readings

    def finite(self, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        """The values that the chosen texts have."""
        return _finite(self.values[chosen])


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every group: false-positive rates, and how intervals are made."""

    rates: tuple[float, ...]
    n_resamples: int
    seed: int


def rows(
    corpus: Corpus, groups: Sequence[Group], judged: Sequence[Judged], question: Question
) -> Iterator[Row]:
    """One row per group and detector.

    dataset, kind, value, humans: the group. detector: its name. n_human, n_ai: labelled texts;
    scored_human, scored_ai: those with a score; the others are left out of auroc and oracle.
    abstained: reason -> texts. auroc: value, low, high; null without scores of both classes.
    oracle: by rate, threshold set on the group's own human scores, tpr, low, high, is_supported
    (human texts enough for the rate to be more than zero of them).
    calibrated: by rate, threshold of the detector's calibration: n_human, n_ai (those that it can
    judge), fpr, fpr_low, fpr_high (Wilson), tpr, tpr_low, tpr_high.
    per_domain: as calibrated, at the threshold of each domain (`readings.per_domain`).
    llr: of the texts with a calibrated log-likelihood ratio, n_human and n_ai of them: cllr,
    calibration_error.
    """
    for group in groups:
        for one in judged:
            yield _row(corpus, group, one, question)


def _row(corpus: Corpus, group: Group, one: Judged, question: Question) -> Row:
    ranked = Ranked(one.values[group.human], one.values[group.ai], _abstained(corpus, group, one))
    row = measured(group, one.name, ranked, one.readings, question)
    flagged = {rate_name(r): _calibrated(group, one.per_domain, r) for r in question.rates}
    return row | {"per_domain": flagged}


@dataclass(frozen=True, slots=True)
class Ranked:
    """What ranks the human and AI texts of a group, NaN = nothing does."""

    human: NDArray[np.float64]
    ai: NDArray[np.float64]
    abstained: Mapping[str, int]


def measured(
    group: Group, name: str, ranked: Ranked, readings: Readings, question: Question
) -> Row:
    """The row of a group and detector."""
    place = {"dataset": group.dataset, "kind": group.kind, "value": group.value}
    rng = np.random.default_rng(question.seed)  # the same draws for every detector
    human, ai = _finite(ranked.human), _finite(ranked.ai)
    return {
        **place,
        "humans": group.humans,
        "detector": name,
        "n_human": len(group.human),
        "n_ai": len(group.ai),
        "scored_human": len(human),
        "scored_ai": len(ai),
        "abstained": dict(ranked.abstained),
        "auroc": _auroc(human, ai, question, rng),
        "oracle": {
            rate_name(rate): _oracle(human, ai, rate, question, rng) for rate in question.rates
        },
        "calibrated": {
            rate_name(rate): _calibrated(group, readings, rate) for rate in question.rates
        },
        "llr": _llr(group, readings),
    }


def rate_name(rate: float) -> str:
    """The key of a rate: 0.01, never 1e-02."""
    return f"{rate:.10f}".rstrip("0")


def _auroc(
    human: NDArray[np.float64], ai: NDArray[np.float64], question: Question, rng: Any
) -> Row | None:
    if not len(human) or not len(ai):
        return None
    low, high = measures.auroc_interval(human, ai, n_resamples=question.n_resamples, rng=rng)
    return {"value": measures.auroc(human, ai), "low": low, "high": high}


def _oracle(
    human: NDArray[np.float64], ai: NDArray[np.float64], rate: float, question: Question, rng: Any
) -> Row | None:
    if not len(human) or not len(ai):
        return None
    low, high = measures.tpr_interval(human, ai, rate, n_resamples=question.n_resamples, rng=rng)
    return {
        "threshold": measures.oracle_threshold(human, rate),
        "tpr": measures.oracle_tpr(human, ai, rate),
        "low": low,
        "high": high,
        "is_supported": len(human) * rate >= 1,
    }


def _calibrated(group: Group, readings: Readings, rate: float) -> Row | None:
    human = share_flagged(readings, rate, group.human, "fpr")
    ai = share_flagged(readings, rate, group.ai, "tpr")
    found = {"n_human": human.pop("n"), "n_ai": ai.pop("n")}
    return found | human | ai if any(found.values()) else None


def share_flagged(
    readings: Readings, rate: float, chosen: NDArray[np.int64], name: str
) -> dict[str, Any]:
    """n: how many of the chosen texts can be judged; `name`: the share above their threshold, with
    its Wilson interval, where any can."""
    judged = chosen[readings.judged[rate][chosen]]
    n_flagged, n = int(readings.flagged[rate][judged].sum()), len(judged)
    low, high = wilson(n_flagged, n)
    shares = {name: n_flagged / n, f"{name}_low": low, f"{name}_high": high} if n else {}
    return {"n": n, **shares}


def _llr(group: Group, readings: Readings) -> Row | None:
    human, ai = (_finite(readings.llr[chosen]) for chosen in (group.human, group.ai))
    if not len(human) or not len(ai):
        return None
    return {
        "n_human": len(human),
        "n_ai": len(ai),
        "cllr": measures.cllr(human, ai),
        "calibration_error": measures.calibration_error(human, ai),
    }


def _abstained(corpus: Corpus, group: Group, one: Judged) -> dict[str, int]:
    chosen = np.r_[group.human, group.ai]
    silent = corpus.text[chosen[np.isnan(one.values[chosen])]].tolist()
    return dict(sorted(Counter(one.reasons.get(number, UNREAD) for number in silent).items()))


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[np.isfinite(values)]
