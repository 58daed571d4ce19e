"""Scores of a bench, text by text, read against a calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.calibration import Calibration
from detectors.cell import Cell
from detectors.fusion import Fused, Fusion
from detectors.measures import oracle_threshold
from provenance.engines.bench.corpus import Corpus
from provenance.engines.bench.layouts import NO_ATTACK
from provenance.engines.bench.scoring import Scores

#: A score above every other, which float32 holds.
_HIGHEST: Final = 1e30


@dataclass(frozen=True, slots=True)
class Readings:
    """What a calibration says of each text of the corpus, [n].

    llr: float64, NaN = no reading. flagged: by rate, whether the score is above the calibrated
    threshold; only where `judged` by that rate: a cell fits and has human texts enough for it.
    """

    llr: NDArray[np.float64]
    flagged: Mapping[float, NDArray[np.bool_]]
    judged: Mapping[float, NDArray[np.bool_]]

    @classmethod
    def none(cls, n: int, rates: Sequence[float]) -> Readings:
        """Of no calibration."""
        return cls(
            np.full(n, np.nan),
            {rate: np.zeros(n, bool) for rate in rates},
            {rate: np.zeros(n, bool) for rate in rates},
        )

    def put(self, chosen: NDArray[np.int64], other: Readings) -> None:
        """Take over what `other` says of the chosen texts."""
        self.llr[chosen] = other.llr[chosen]
        for rate in self.flagged:
            self.flagged[rate][chosen] = other.flagged[rate][chosen]
            self.judged[rate][chosen] = other.judged[rate][chosen]


def read(
    calibration: Calibration | None, corpus: Corpus, scores: Scores, rates: Sequence[float]
) -> Readings:
    """The readings of all texts of the corpus."""
    if calibration is None:
        return Readings.none(len(corpus.label), rates)
    values, n_tokens = scores.value[corpus.text], scores.n_tokens[corpus.text]
    return flags(calibration, corpus, values, n_tokens, rates)


@dataclass(frozen=True, slots=True)
class Member:
    """A detector of a fusion: its calibration, and its scores and tokens of every text, [n]."""

    calibration: Calibration
    values: NDArray[np.float64]
    n_tokens: NDArray[np.int32]


def read_fused(
    fusion: Fusion,
    members: Sequence[Member],
    corpus: Corpus,
    chosen: NDArray[np.int64],
    rates: Sequence[float],
) -> Readings:
    """What the fusion of the members, in its order, says of the chosen texts; none of others.

    Flags are of its p value. A text is judged by the rates that the highest scores could reach.
    """
    fused = _fused(fusion, members, corpus, chosen)
    highest = [replace(one, values=np.where(np.isfinite(one.values), _HIGHEST, np.nan))
               for one in members]  # fmt: skip
    floor = _fused(fusion, highest, corpus, chosen).human_tail
    found = Readings.none(len(corpus.label), rates)
    found.llr[chosen] = fused.llr
    for rate in rates:
        found.judged[rate][chosen] = floor <= np.float32(rate)
        found.flagged[rate][chosen] = fused.human_tail <= np.float32(rate)
    return found


def _fused(
    fusion: Fusion, members: Sequence[Member], corpus: Corpus, chosen: NDArray[np.int64]
) -> Fused:
    languages = [corpus.language.names[code] for code in corpus.language.codes[chosen].tolist()]
    domains = [corpus.domain.names[code] for code in corpus.domain.codes[chosen].tolist()]
    read = [
        one.calibration.read_many(
            one.values[chosen].astype(np.float32), languages, one.n_tokens[chosen], domains=domains
        )
        for one in members
    ]
    columns = [
        np.stack([getattr(one, name) for one in read], axis=1).astype(np.float64)
        for name in ("llr", "llr_low", "llr_high", "human_tail")
    ]
    return fusion.fuse(columns[0], low=columns[1], high=columns[2], human_tails=columns[3])


def flags(
    calibration: Calibration,
    corpus: Corpus,
    values: NDArray[np.float64],
    n_tokens: NDArray[np.int32],
    rates: Sequence[float],
) -> Readings:
    """The readings of scores of all texts: values, n_tokens [n], NaN = the detector abstained.

    Each is read by the closest cell alone: of its own domain where the calibration has that.
    """
    found = Readings.none(len(values), rates)
    for cell in calibration.coarse_to_fine:
        chosen = (
            corpus.language.where(cell.language)
            & (n_tokens >= cell.min_tokens)
            & (n_tokens <= cell.max_tokens)
            & np.isfinite(values)
        )
        if cell.domain:
            chosen &= corpus.domain.where(cell.domain)
        found.llr[chosen] = cell.llr(values[chosen])[0]
        for rate in rates:
            threshold = _threshold(cell, rate)
            found.judged[rate][chosen] = threshold is not None
            found.flagged[rate][chosen] = threshold is not None and values[chosen] > threshold
    return found


def per_domain(corpus: Corpus, values: NDArray[np.float64], rates: Sequence[float]) -> Readings:
    """Flags of values, [n], by a threshold for each domain of each dataset.

    It is set on its human texts that no attack changed, as RAID does. A domain with too few human
    texts for a rate is not judged by it.
    """
    found = Readings.none(len(corpus.label), rates)
    scored = np.isfinite(values) & (corpus.label >= 0)
    plain = scored & (corpus.label == 0) & corpus.attack.where(NO_ATTACK)
    for dataset in corpus.dataset.within(plain):
        of_dataset = corpus.dataset.where(dataset)
        for domain in corpus.domain.within(plain & of_dataset):
            chosen = of_dataset & corpus.domain.where(domain)
            human = values[plain & chosen]
            for rate in rates:
                if len(human) * rate >= 1:
                    found.judged[rate][scored & chosen] = True
                    found.flagged[rate][chosen] = values[chosen] > oracle_threshold(human, rate)
    return found


def _threshold(cell: Cell, rate: float) -> float | None:
    """None where the cell's human texts are too few to tell."""
    try:
        return cell.threshold(rate)
    except ValueError:
        return None
