"""Provenance tiers: how far a document's human origin is vouched for.

1  captured before the cutoff, or a copy of a text that was; verified books; peer-reviewed sources;
   archives of early texts
2  content of partners and of verified publishers, text with a human credential of a trusted
   signer, and web text that calibrated detection clears with enough tokens to know
3  the rest of the web: unknown; text that its publisher calls partly generated
0  synthetic: watermarked or signed as such, declared so by its publisher, or flagged by the
   detectors at the policy's false-positive rate *and* by the posterior

What settles the matter comes first: a watermark, a credential of a trusted signer, a trusted date.
What a publisher says of its own text lowers a tier and never raises one. Absence of evidence is
"unknown" (3), never "human".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.evidence.weighing import Weighed

#: Every reason for a tier, with the sentence that reports print.
REASONS: dict[str, str] = {
    "watermarked": "holds the watermark of a text generator",
    "credential_synthetic": "a trusted signer's credential says that it was generated",
    "captured_before_cutoff": "captured by the crawler before the policy's cutoff",
    "earlier_copy_before_cutoff": "a copy of a text that was captured before the cutoff",
    "declared_synthetic": "its publisher declares it generated",
    "declared_mixed": "its publisher declares it partly generated",
    "reviewed_synthetic": "people who read it judged it to be generated",
    "reviewed_mixed": "people who read it judged it to be partly generated",
    "verified_book": "its source is listed as verified books",
    "peer_reviewed": "its source is listed as peer-reviewed",
    "archive": "its source is listed as an archive of early texts",
    "reviewed_human": "people who read it judged that a person wrote it",
    "detected_synthetic": "flagged by detectors at the policy's false-positive rate",
    "credential_human": "a trusted signer's credential says that people made it",
    "partner": "its source is listed as a partner",
    "publisher": "its source is listed as a verified publisher",
    "social": "its source is listed as social media",
    "cleared_by_detection": "cleared by calibrated detectors at the policy's false-positive rate",
    "detectors_abstained": "no detector could judge it",
    "uncertain": "detectors neither clear nor flag it",
}

_TIER = {
    "watermarked": 0,
    "credential_synthetic": 0,
    "captured_before_cutoff": 1,
    "earlier_copy_before_cutoff": 1,
    "declared_synthetic": 0,
    "declared_mixed": 3,
    "reviewed_synthetic": 0,
    "reviewed_mixed": 3,
    "verified_book": 1,
    "peer_reviewed": 1,
    "archive": 1,
    "reviewed_human": 2,
    "detected_synthetic": 0,
    "credential_human": 2,
    "partner": 2,
    "publisher": 2,
    "social": 3,
    "cleared_by_detection": 2,
    "detectors_abstained": 3,
    "uncertain": 3,
}


@dataclass(frozen=True, slots=True)
class Tiers:
    """tier: uint8 [n]; reason: one key of REASONS per document."""

    tier: NDArray[np.uint8]
    reason: list[str]


def grade(
    *,
    captured_early: NDArray[np.bool_],
    copied_early: NDArray[np.bool_],
    source_class: Sequence[str | None],
    evidence: Weighed,
    human_tail: NDArray[np.float64],
    p_synthetic: NDArray[np.float64],
    false_positive_rate: float,
) -> Tiers:
    """The tier of n documents and why; arrays have shape [n].

    captured_early: captured before the cutoff. copied_early: first_seen was lent by a document
    captured before it. human_tail: conformal p value, NaN where every detector abstained.
    """
    flagged = human_tail <= false_positive_rate
    cleared = human_tail > false_positive_rate
    probable = p_synthetic >= 0.5
    kind = np.array([name or "" for name in source_class], dtype=object)
    untrusted = evidence.has("credential_valid", "synthetic", "moderate", "weak")
    rules = {
        "watermarked": evidence.has("watermark", "synthetic", "decisive"),
        "credential_synthetic": evidence.has("credential_valid", "synthetic", "decisive"),
        "captured_before_cutoff": captured_early,
        "earlier_copy_before_cutoff": copied_early,
        "declared_synthetic": evidence.has("declared_synthetic", "synthetic"),
        "declared_mixed": evidence.has("declared_mixed", "synthetic") | untrusted,
        "reviewed_synthetic": evidence.has("human_review", "synthetic", "decisive"),
        "reviewed_mixed": evidence.has("human_review", "synthetic", "moderate"),
        "verified_book": kind == "verified_book",
        "peer_reviewed": kind == "peer_reviewed",
        "archive": kind == "archive",
        "reviewed_human": evidence.has("human_review", "human", "decisive"),
        "detected_synthetic": flagged & probable,
        "credential_human": evidence.has("credential_valid", "human", "decisive"),
        "partner": kind == "partner",
        "publisher": kind == "publisher",
        "social": kind == "social",
        "cleared_by_detection": cleared & ~probable,
        "detectors_abstained": np.isnan(human_tail),
    }
    names = [*rules, "uncertain"]
    first = np.select(list(rules.values()), range(len(rules)), default=len(rules))
    tiers = np.array([_TIER[name] for name in names], dtype=np.uint8)
    return Tiers(tiers[first], [names[index] for index in first])
