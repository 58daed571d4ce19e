"""From facts and calibrated scores to a posterior and a provenance tier, under one policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from provenance import batch as contract
from provenance.evidence.posterior import Prior, posterior
from provenance.evidence.sources import SourceTable
from provenance.evidence.tiers import grade
from provenance.evidence.weighing import Weighed, weigh
from provenance.evidence.weights import EARLY, SOURCES, STRENGTHS


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
        captured, seen = _days(batch, "captured_at"), _days(batch, "first_seen")
        source_class = [self.sources.lookup(url) for url in batch.column("url").to_pylist()]
        captured_early = captured < np.datetime64(self.cutoff)
        copied_early = ~captured_early & (seen < np.datetime64(self.cutoff))
        weighed = weigh(batch.column("evidence"))
        llr, decisive = _evidence(captured_early | copied_early, source_class, weighed)
        estimate = posterior(
            self.prior.logits(seen),
            llr=_floats(batch, "llr"),
            llr_low=_floats(batch, "llr_low"),
            llr_high=_floats(batch, "llr_high"),
            evidence_llr=llr,
            decisive=decisive,
        )
        tiers = grade(
            captured_early=captured_early,
            copied_early=copied_early,
            source_class=source_class,
            evidence=weighed,
            human_tail=_floats(batch, "human_tail"),
            p_synthetic=estimate.p,
            # A tail of exactly the rate is a float32, which may be the larger number.
            false_positive_rate=float(np.float32(self.false_positive_rate)),
        )
        return contract.append(
            batch,
            {
                "source_class": pa.array(source_class, type=pa.string()),
                "p_synthetic": pa.array(estimate.p, type=pa.float32()),
                "p_low": pa.array(estimate.low, type=pa.float32()),
                "p_high": pa.array(estimate.high, type=pa.float32()),
                "tier": pa.array(tiers.tier, type=pa.uint8()),
                "tier_reason": pa.array(tiers.reason, type=pa.string()),
            },
        )


def _evidence(
    early: NDArray[np.bool_], source_class: list[str | None], weighed: Weighed
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Log-likelihood ratio of the evidence, nats, shape [n], and where it is decisive."""
    sources = np.array([SOURCES.get(name or "", 0.0) for name in source_class], dtype=np.float64)
    settled = np.abs(sources) >= STRENGTHS["decisive"]
    return np.where(early, EARLY, 0.0) + sources + weighed.llr, early | settled | weighed.decisive


def _days(batch: pa.RecordBatch, name: str) -> NDArray[np.datetime64]:
    """Timestamps of shape [n], UTC microseconds, NaT = null."""
    return batch.column(name).cast(pa.timestamp("us")).to_numpy(zero_copy_only=False)


def _floats(batch: pa.RecordBatch, name: str) -> NDArray[np.float64]:
    """float64 of shape [n], NaN = null."""
    return batch.column(name).to_numpy(zero_copy_only=False).astype(np.float64)
