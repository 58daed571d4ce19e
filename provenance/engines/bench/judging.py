"""What each detector of a bench, and the fusion that ships for them, says of every text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from detectors.shipped import fusion_for
from provenance.engines.bench.contestants import Contestant
from provenance.engines.bench.corpus import Corpus
from provenance.engines.bench.readings import Member, per_domain, read, read_fused
from provenance.engines.bench.results import FUSED, Judged
from provenance.engines.bench.scoring import Scores


def judge(
    corpus: Corpus,
    entrants: Sequence[Contestant],
    scores: Sequence[Scores],
    rates: Sequence[float],
) -> list[Judged]:
    """Each detector by its own scores and calibration."""
    return [
        Judged(
            one.name,
            found.value[corpus.text],
            found.reason,
            read(one.calibration, corpus, found, rates),
            per_domain(corpus, found.value[corpus.text], rates),
        )
        for one, found in zip(entrants, scores, strict=True)
    ]


def fuse(
    corpus: Corpus,
    entrants: Sequence[Contestant],
    scores: Sequence[Scores],
    rates: Sequence[float],
) -> tuple[Judged, dict[str, Any]] | None:
    """The log-likelihood ratio of all calibrated detectors, and what it comes from, as JSON.

    data_digest: of the texts that the fusion was fitted on, null where none ships for these. None
    where fewer than two detectors are calibrated, or one is there twice, over different models.
    """
    members = [
        (one.detector.spec.name, Member(calibration, *found.of(corpus)))
        for one, found in zip(entrants, scores, strict=True)
        if (calibration := one.calibration) is not None
    ]
    names = [name for name, _ in members]
    if len(names) < 2 or len(set(names)) < len(names):
        return None
    fusion = fusion_for({name: one.calibration for name, one in members}, names)
    everything = np.arange(len(corpus.label))
    readings = read_fused(fusion, [one for _, one in members], corpus, everything, rates)
    by_domain = per_domain(corpus, readings.llr, rates)
    facts = {"detectors": names, "data_digest": fusion.data_digest or None}
    return Judged(FUSED, readings.llr, {}, readings, by_domain), facts
