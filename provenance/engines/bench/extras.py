"""What a bench reports beside its groups: ROC curves, non-native writers, speed, predictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from detectors import measures
from provenance.engines.bench.corpus import Corpus
from provenance.engines.bench.groups import Group
from provenance.engines.bench.results import Judged, Row, rate_name, share_flagged
from provenance.engines.bench.scoring import Scores

#: Domains of texts by people who write a language that is not their first.
NON_NATIVE: Final = ("toefl_essay_nonnative", "l2_learner_essay", "learner_essay_nonnative")


def curves(groups: Sequence[Group], judged: Sequence[Judged]) -> Iterator[Row]:
    """dataset, detector, n_human, fpr, tpr: a ROC curve of each whole dataset of both classes."""
    for group in groups:
        if group.kind != "all":
            continue
        for one in judged:
            human, ai = (one.finite(chosen) for chosen in (group.human, group.ai))
            if len(human) and len(ai):
                false, true = measures.roc(human, ai)
                place = {"dataset": group.dataset, "detector": one.name, "n_human": len(human)}
                yield place | {"fpr": false.tolist(), "tpr": true.tolist()}


def non_native(
    corpus: Corpus, judged: Sequence[Judged], rates: Sequence[float], domains: Sequence[str]
) -> Iterator[Row]:
    """How often people who write a foreign language are taken for machines.

    A row per dataset, domain, language and detector: n_human and scored_human as in `rows`;
    native: by rate, the share above the threshold that the other human texts of the dataset and
    language set, n_native of them (null where there are none); calibrated: as in `rows`.
    """
    human = corpus.label == 0
    of_domain = np.isin(corpus.domain.codes, [
        code for code, name in enumerate(corpus.domain.names) if name in domains
    ])  # fmt: skip
    for dataset in corpus.dataset.within(human & of_domain):
        inside = human & corpus.dataset.where(dataset)
        for domain in corpus.domain.within(inside & of_domain):
            foreign = inside & corpus.domain.where(domain)
            for language in corpus.language.within(foreign):
                spoken = corpus.language.where(language)
                place = {"dataset": dataset, "domain": domain, "language": language}
                chosen = np.flatnonzero(foreign & spoken)
                native = np.flatnonzero(inside & spoken & ~of_domain)
                for one in judged:
                    yield place | _foreign(one, chosen, native, rates)


def _foreign(one: Judged, chosen: Any, native: Any, rates: Sequence[float]) -> Row:
    values, of_native = one.finite(chosen), one.finite(native)
    return {
        "detector": one.name,
        "n_human": len(chosen),
        "scored_human": len(values),
        "n_native": len(of_native),
        "native": {
            rate_name(rate): float((values > measures.oracle_threshold(of_native, rate)).mean())
            if len(values) and len(of_native)
            else None
            for rate in rates
        },
        "calibrated": {
            rate_name(rate): share_flagged(one.readings, rate, chosen, "fpr") for rate in rates
        },
    }


def speed(name: str, scores: Scores, *, price_per_hour: float | None) -> Row:
    """documents_per_second, tokens_per_second (the detector's own tokens), and what a million cost.

    Of scoring alone, by the wall clock, on this machine; a detector that reads a shared pass of a
    language model is charged the whole pass. Null where no text was timed.
    """
    known = scores.n_timed > 0 and scores.seconds > 0
    per_second = scores.n_timed / scores.seconds if known else None
    cost = 1e6 / per_second / 3600 * price_per_hour if per_second and price_per_hour else None
    return {
        "detector": name,
        "documents": scores.n_timed,
        "seconds": scores.seconds,
        "documents_per_second": per_second,
        "tokens_per_second": scores.tokens_timed / scores.seconds if known else None,
        "cost_per_million_documents": cost,
    }


def predictions(corpus: Corpus, scores: Scores) -> list[dict[str, Any]]:
    """RAID's submission: id and score of every text of its files.

    RAID does not evaluate a split in which a score is null, so a text that the detector abstains
    from gets a score below all others: it counts as not flagged.
    """
    chosen = _of_layouts(corpus, ("raid", "raid_test"))
    values = scores.value[corpus.text[chosen]]
    finite = values[np.isfinite(values)]
    floor = float(finite.min()) - 1.0 if len(finite) else 0.0
    filled = np.where(np.isfinite(values), values, floor).tolist()
    return [
        {"id": corpus.ids[k], "score": value}
        for k, value in zip(chosen.tolist(), filled, strict=True)
    ]


def _of_layouts(corpus: Corpus, names: Sequence[str]) -> Any:
    is_source = np.array([source.layout.name in names for source in corpus.sources])
    return np.flatnonzero(is_source[corpus.source])
