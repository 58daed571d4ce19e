"""Scores of a bench, text by text, read against a calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.calibration import Calibration
from provenance.engines.bench.corpus import Corpus, Names
from provenance.engines.bench.scoring import Scores


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
    return flags(calibration, corpus.language, values, n_tokens, rates)


def flags(
    calibration: Calibration,
    language: Names,
    values: NDArray[np.float64],
    n_tokens: NDArray[np.int32],
    rates: Sequence[float],
) -> Readings:
    """The readings of scores: values, n_tokens [n], NaN = the detector abstained."""
    found = Readings.none(len(values), rates)
    for cell in calibration.coarse_to_fine:
        if cell.domain:  # domains of the bench are not those that the user named
            continue
        chosen = (
            language.where(cell.language)
            & (n_tokens >= cell.min_tokens)
            & (n_tokens <= cell.max_tokens)
            & np.isfinite(values)
        )
        found.llr[chosen] = cell.llr(values[chosen])[0]
        for rate in rates:
            try:
                threshold = cell.threshold(rate)
            except ValueError:  # too few human texts to tell
                continue
            found.judged[rate][chosen] = True
            found.flagged[rate][chosen] = values[chosen] > threshold
    return found
