"""Posterior and tier of a document, under one policy."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from provenance import batch
from provenance.evidence.posterior import Prior
from provenance.evidence.sources import EMPTY, SourceTable
from provenance.stages.grade import Grade

PRIOR = Prior(1e-6, [date(2019, 2, 1), date(2022, 12, 1)], [0.001, 0.25])
LATE = datetime(2024, 5, 1, tzinfo=UTC)
EARLY = datetime(2021, 12, 31, 23, 59, 59, tzinfo=UTC)


def graded(sources: SourceTable = EMPTY, **document: Any) -> dict[str, Any]:
    """The graded row of a document captured late, unread by detectors, unless told otherwise."""
    stage = Grade(cutoff=date(2022, 1, 1), false_positive_rate=0.01, prior=PRIOR, sources=sources)
    row = {"captured_at": LATE, "first_seen": document.get("captured_at", LATE), **document}
    schema = batch.schema(stage.reads)
    given = pa.record_batch([[row.get(name)] for name in schema.names], schema=schema)
    result: dict[str, Any] = stage(given).to_pylist()[0]
    return result


def test_a_capture_before_the_cutoff_is_tier_1_whatever_detectors_say() -> None:
    row = graded(captured_at=EARLY, llr=6.0, llr_low=5.0, llr_high=7.0, human_tail=0.0005)

    assert (row["tier"], row["tier_reason"]) == (1, "captured_before_cutoff")
    assert row["p_high"] < 0.01


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

    assert (journal["tier"], journal["source_class"]) == (1, "peer_reviewed")
    assert (partner["tier"], partner["source_class"]) == (2, "partner")
    assert partner["p_synthetic"] == pytest.approx(0.25 / 0.75 / 10 / (1 + 0.25 / 0.75 / 10))


def test_an_unknown_date_takes_the_latest_prior() -> None:
    row = graded(captured_at=None, first_seen=None)

    assert row["p_synthetic"] == pytest.approx(0.25)
