"""Prior, detectors and evidence added up in log-odds: `p_synthetic` with its interval.

    logit p = logit prior(date) + LLR(detectors) + LLR(evidence)                 (natural logs)

Detectors enter as one calibrated log-likelihood ratio with a 95 % interval; what each piece of
evidence adds is in `weights`. When every detector abstained and nothing decisive is known,
the estimate is the prior and the interval is [0, 1]: nothing was learnt from the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prior:
    """Probability that a page is synthetic before its text is read, by date of first sight.

    starts: first days of the periods, ascending; probabilities: one per period, plus `before` for
    dates earlier than the first. An unknown date counts as the last period.
    """

    before: float
    starts: Sequence[date]
    probabilities: Sequence[float]

    def logits(self, seen: NDArray[np.datetime64]) -> Float64:
        """Prior log-odds of shape [n] for dates of shape [n], NaT = unknown."""
        days = np.asarray(self.starts, dtype="datetime64[D]")
        table = np.log(_odds(np.asarray([self.before, *self.probabilities], dtype=np.float64)))
        period = np.searchsorted(days, seen.astype("datetime64[D]"), side="right")
        period[np.isnat(seen)] = len(days)
        result: Float64 = table[period]
        return result


@dataclass(frozen=True, slots=True)
class Posterior:
    """Probabilities of being synthetic: float64 arrays of shape [n], low <= p <= high."""

    p: Float64
    low: Float64
    high: Float64


def posterior(
    prior_logit: Float64,
    *,
    llr: Float64,
    llr_low: Float64,
    llr_high: Float64,
    evidence_llr: Float64,
    decisive: NDArray[np.bool_],
) -> Posterior:
    """The posterior of n documents; every argument has shape [n].

    llr and its interval are NaN where all detectors abstained. `decisive` marks documents whose
    evidence settles the matter: there an abstention leaves no doubt to report.
    """
    base = prior_logit + evidence_llr
    abstained = np.isnan(llr)
    doubt = np.where(decisive, 0.0, np.inf)
    with np.errstate(invalid="ignore"):
        low = base + np.where(abstained, -doubt, llr_low)
        high = base + np.where(abstained, doubt, llr_high)
        middle = base + np.where(abstained, 0.0, llr)
    return Posterior(_sigmoid(middle), _sigmoid(low), _sigmoid(high))


def _odds(p: Float64) -> Float64:
    odds: Float64 = p / (1.0 - p)
    return odds


def _sigmoid(x: Float64) -> Float64:
    with np.errstate(over="ignore"):
        result: Float64 = 1.0 / (1.0 + np.exp(-x))
    return result
