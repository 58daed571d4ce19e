"""From facts and calibrated scores to a posterior and a provenance tier, under one policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from provenance import batch as contract
from provenance.evidence.posterior import Posterior, Prior, posterior
from provenance.evidence.sources import SourceTable
from provenance.evidence.tiers import Tiers, grade
from provenance.evidence.weighing import Weighed, weigh
from provenance.evidence.weights import EARLY, SOURCES, STRENGTHS

Days = NDArray[np.datetime64]
Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of n documents besides what detectors say; arrays of shape [n].

    captured_early, copied_early: see `tiers.grade`. prior_logit, evidence_llr: nats. decisive:
    whether the evidence settles the matter.
    """

    captured_early: NDArray[np.bool_]
    copied_early: NDArray[np.bool_]
    source_class: Sequence[str | None]
    evidence: Weighed
    prior_logit: Float64
    evidence_llr: Float64
    decisive: NDArray[np.bool_]

    def posterior(self, *, llr: Float64, llr_low: Float64, llr_high: Float64) -> Posterior:
        """The posterior when detectors say this, NaN where all abstain."""
        return posterior(
            self.prior_logit,
            llr=llr,
            llr_low=llr_low,
            llr_high=llr_high,
            evidence_llr=self.evidence_llr,
            decisive=self.decisive,
        )


@dataclass(frozen=True, slots=True)
class Grade:
    """Adds source_class, p_synthetic with its interval, tier and tier_reason.

    A capture before `cutoff`, one's own or lent by a direct earlier copy, is decisive evidence of
    human origin; the date of first sight also selects the prior. `evidence` need hold no more than
    the facts that are not neutral.
    """

    cutoff: date
    false_positive_rate: float
    prior: Prior
    sources: SourceTable

    name = "grade"
    reads = (
        "url", "captured_at", "first_seen", "llr", "llr_low", "llr_high", "human_tail",
        "evidence",
    )  # fmt: skip
    adds = contract.added_by("grade")
    drops = ()

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        known = self.known(
            captured=days(batch, "captured_at"),
            seen=days(batch, "first_seen"),
            source_class=self.classes(batch.column("url").to_pylist()),
            evidence=weigh(batch.column("evidence")),
        )
        llr, low, high = (_floats(batch, name) for name in ("llr", "llr_low", "llr_high"))
        estimate = known.posterior(llr=llr, llr_low=low, llr_high=high)
        tiers = self.tiers(known, human_tail=_floats(batch, "human_tail"), p_synthetic=estimate.p)
        return contract.append(
            batch,
            {
                "source_class": pa.array(known.source_class, type=pa.string()),
                "p_synthetic": pa.array(estimate.p, type=pa.float32()),
                "p_low": pa.array(estimate.low, type=pa.float32()),
                "p_high": pa.array(estimate.high, type=pa.float32()),
                "tier": pa.array(tiers.tier, type=pa.uint8()),
                "tier_reason": pa.array(tiers.reason, type=pa.string()),
            },
        )

    def classes(self, urls: Sequence[str | None]) -> list[str | None]:
        """The source class of each address."""
        return [self.sources.lookup(url) for url in urls]

    def known(
        self,
        *,
        captured: Days,
        seen: Days,
        source_class: Sequence[str | None],
        evidence: Weighed,
    ) -> Known:
        """What is known of n documents captured and first seen then, UTC, NaT = unknown."""
        captured_early = captured < np.datetime64(self.cutoff)
        copied_early = ~captured_early & (seen < np.datetime64(self.cutoff))
        llr, decisive = _evidence(captured_early | copied_early, source_class, evidence)
        return Known(
            captured_early, copied_early, source_class, evidence,
            self.prior.logits(seen), llr, decisive,
        )  # fmt: skip

    def tiers(self, known: Known, *, human_tail: Float64, p_synthetic: Float64) -> Tiers:
        """The tiers of documents of which so much is known, and whose detection came to this."""
        return grade(
            captured_early=known.captured_early,
            copied_early=known.copied_early,
            source_class=known.source_class,
            evidence=known.evidence,
            human_tail=human_tail,
            p_synthetic=p_synthetic,
            # A tail of exactly the rate is a float32, which may be the larger number.
            false_positive_rate=float(np.float32(self.false_positive_rate)),
        )


def _evidence(
    early: NDArray[np.bool_], source_class: Sequence[str | None], weighed: Weighed
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Log-likelihood ratio of the evidence, nats, shape [n], and where it is decisive."""
    sources = np.array([SOURCES.get(name or "", 0.0) for name in source_class], dtype=np.float64)
    settled = np.abs(sources) >= STRENGTHS["decisive"]
    return np.where(early, EARLY, 0.0) + sources + weighed.llr, early | settled | weighed.decisive


def days(batch: pa.RecordBatch, name: str) -> Days:
    """Timestamps of shape [n], UTC microseconds, NaT = null."""
    return batch.column(name).cast(pa.timestamp("us")).to_numpy(zero_copy_only=False)


def _floats(batch: pa.RecordBatch, name: str) -> NDArray[np.float64]:
    """float64 of shape [n], NaN = null."""
    return batch.column(name).to_numpy(zero_copy_only=False).astype(np.float64)
