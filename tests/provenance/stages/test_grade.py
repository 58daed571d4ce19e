"""Posterior and tier of a document, under one policy."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance import batch
from provenance.evidence.contributions import contributions
from provenance.evidence.posterior import Prior
from provenance.evidence.sources import EMPTY, SourceTable
from provenance.stages.grade import Grade

PRIOR = Prior(1e-6, [date(2019, 2, 1), date(2022, 12, 1)], [0.001, 0.25])
LATE = datetime(2024, 5, 1, tzinfo=UTC)
EARLY = datetime(2021, 12, 31, 23, 59, 59, tzinfo=UTC)


def graded(sources: SourceTable = EMPTY, rate: float = 0.01, **document: Any) -> dict[str, Any]:
    """The graded row of a document captured late, unread by detectors, unless told otherwise."""
    stage = Grade(cutoff=date(2022, 1, 1), false_positive_rate=rate, prior=PRIOR, sources=sources)
    row = {"captured_at": LATE, "first_seen": document.get("captured_at", LATE), "evidence": []}
    row |= document
    schema = batch.schema(stage.reads)
    given = pa.record_batch([[row.get(name)] for name in schema.names], schema=schema)
    result: dict[str, Any] = stage(given).to_pylist()[0]
    return result


def test_a_capture_before_the_cutoff_is_tier_1_whatever_detectors_say() -> None:
    row = graded(captured_at=EARLY, llr=6.0, llr_low=5.0, llr_high=7.0, human_tail=0.0005)

    assert (row["tier"], row["tier_reason"]) == (1, "captured_before_cutoff")
    assert row["p_high"] < 0.01


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.1])
def test_a_tail_of_exactly_the_rate_is_flagged(rate: float) -> None:
    row = graded(rate=rate, llr=6.0, llr_low=5.0, llr_high=7.0, human_tail=rate)

    assert row["tier_reason"] == "detected_synthetic"


def test_the_cutoff_itself_is_late() -> None:
    row = graded(captured_at=datetime(2022, 1, 1, tzinfo=UTC))

    assert row["tier_reason"] == "detectors_abstained"


def test_a_lent_date_counts_like_a_capture() -> None:
    row = graded(first_seen=EARLY)

    assert (row["tier"], row["tier_reason"]) == (1, "earlier_copy_before_cutoff")


def test_an_unread_document_keeps_the_prior_and_all_doubt() -> None:
    row = graded()

    assert (row["p_synthetic"], row["p_low"], row["p_high"]) == (pytest.approx(0.25), 0.0, 1.0)
    assert row["tier"] == 3


def test_a_flagged_document_is_tier_0_only_if_the_posterior_agrees() -> None:
    flagged = {"llr_low": 2.0, "llr_high": 4.0, "human_tail": 0.005}

    assert graded(llr=3.0, **flagged)["tier"] == 0
    assert graded(llr=0.5, **flagged)["tier_reason"] == "uncertain"


def test_a_listed_journal_is_tier_1_and_a_partner_tier_2() -> None:
    sources = SourceTable({"journal.example": "peer_reviewed", "press.example": "partner"})

    journal = graded(sources, url="https://www.journal.example/1")
    partner = graded(sources, url="https://press.example/1")

    archive = graded(SourceTable({"old.example": "archive"}), url="https://old.example/1")
    publisher = graded(SourceTable({"p.example": "publisher"}), url="https://p.example/1")

    assert (archive["tier"], publisher["tier"]) == (1, 2)
    assert (journal["tier"], journal["source_class"]) == (1, "peer_reviewed")
    assert (partner["tier"], partner["source_class"]) == (2, "partner")
    assert partner["p_synthetic"] == pytest.approx(0.25 / 0.75 / 10 / (1 + 0.25 / 0.75 / 10))


def test_an_unknown_date_takes_the_latest_prior() -> None:
    row = graded(captured_at=None, first_seen=None)

    assert row["p_synthetic"] == pytest.approx(0.25)


def fact(kind: str, polarity: str, strength: str = "weak") -> dict[str, str | None]:
    return {"kind": kind, "polarity": polarity, "strength": strength, "detail": None}


DECLARED = fact("declared_synthetic", "synthetic", "moderate")
MIXED = fact("declared_mixed", "synthetic")
CLAIMED_HUMAN = fact("declared_human", "human")
WATERMARK = fact("watermark", "synthetic", "decisive")
SIGNED_HUMAN = fact("credential_valid", "human", "decisive")
SIGNED_SYNTHETIC = fact("credential_valid", "synthetic", "decisive")
STRANGER_SYNTHETIC = fact("credential_valid", "synthetic", "moderate")
STRANGER_HUMAN = fact("credential_valid", "human")
CLEARED = {"llr": -3.0, "llr_low": -4.0, "llr_high": -2.0, "human_tail": 0.6}


@pytest.mark.parametrize(
    ("evidence", "document", "tier", "reason"),
    [
        ([WATERMARK], CLEARED, 0, "watermarked"),
        ([WATERMARK], {"captured_at": EARLY}, 0, "watermarked"),
        ([fact("watermark", "synthetic", "moderate")], CLEARED, 2, "cleared_by_detection"),
        ([SIGNED_SYNTHETIC, CLAIMED_HUMAN], CLEARED, 0, "credential_synthetic"),
        ([SIGNED_HUMAN], {}, 2, "credential_human"),
        ([SIGNED_HUMAN, DECLARED], {}, 0, "declared_synthetic"),
        ([STRANGER_SYNTHETIC], CLEARED, 3, "declared_mixed"),
        ([STRANGER_HUMAN], {}, 3, "detectors_abstained"),
        ([DECLARED], CLEARED, 0, "declared_synthetic"),
        ([DECLARED], {"captured_at": EARLY}, 1, "captured_before_cutoff"),
        ([DECLARED], {"first_seen": EARLY}, 1, "earlier_copy_before_cutoff"),
        ([MIXED], CLEARED, 3, "declared_mixed"),
        ([CLAIMED_HUMAN], {}, 3, "detectors_abstained"),
        ([fact("declared_unknown", "neutral")], CLEARED, 2, "cleared_by_detection"),
        ([fact("generator_writes_text", "synthetic")], CLEARED, 2, "cleared_by_detection"),
        ([fact("hidden_tags", "synthetic")], CLEARED, 2, "cleared_by_detection"),
    ],
)  # fmt: skip
def test_marks_lower_a_tier_and_only_a_trusted_signer_raises_it(
    evidence: list[dict[str, str | None]], document: dict[str, Any], tier: int, reason: str
) -> None:
    row = graded(evidence=evidence, **document)

    assert (row["tier"], row["tier_reason"]) == (tier, reason)


@pytest.mark.parametrize("source", ["partner", "peer_reviewed", "verified_book"])
@pytest.mark.parametrize(("mark", "tier"), [(DECLARED, 0), (MIXED, 3)])
def test_a_declaration_lowers_what_a_listed_source_would_get(
    source: str, mark: dict[str, str | None], tier: int
) -> None:
    sources = SourceTable({"a.example": source})

    assert graded(sources, url="https://a.example/", evidence=[mark])["tier"] == tier


@pytest.mark.parametrize("document", [{}, CLEARED, {"captured_at": EARLY}])
@pytest.mark.parametrize("mark", [CLAIMED_HUMAN, STRANGER_HUMAN])
def test_a_word_for_human_authorship_that_nobody_vouches_for_changes_nothing(
    mark: dict[str, str | None], document: dict[str, Any]
) -> None:
    assert graded(evidence=[mark], **document) | {"evidence": []} == graded(**document)


def test_marks_that_repeat_each_other_count_once() -> None:
    once, twice = graded(evidence=[DECLARED]), graded(evidence=[DECLARED, MIXED, DECLARED])

    assert once["p_synthetic"] == twice["p_synthetic"] == pytest.approx(100 / 103)


facts_known = st.sampled_from(
    [DECLARED, MIXED, CLAIMED_HUMAN, WATERMARK, SIGNED_HUMAN, STRANGER_SYNTHETIC,
     fact("generator_writes_text", "synthetic"), fact("hidden_tags", "synthetic"),
     fact("capture_date", "neutral", "decisive")]
)  # fmt: skip


@given(
    st.lists(facts_known, max_size=5),
    st.sampled_from([None, EARLY, LATE]),
    st.sampled_from([EARLY, LATE]),
    st.none() | st.floats(-4, 4, width=32),
    st.sampled_from(["", "partner", "verified_book", "social"]),
)
def test_contributions_sum_to_the_log_odds(
    evidence: list[dict[str, str | None]],
    captured: datetime | None,
    seen: datetime,
    llr: float | None,
    listed: str,
) -> None:
    sources = SourceTable({"a.example": listed} if listed else {})
    document = {"captured_at": captured, "first_seen": seen, "evidence": evidence, "llr": llr,
                "llr_low": llr, "llr_high": llr, "url": "https://a.example/"}  # fmt: skip

    row = graded(sources, **document)

    found = contributions({**document, **row}, prior=PRIOR, cutoff=date(2022, 1, 1))
    log_odds = math.fsum(one.llr for one in found)
    assert row["p_synthetic"] == pytest.approx(1 / (1 + math.exp(-log_odds)), rel=1e-5)
