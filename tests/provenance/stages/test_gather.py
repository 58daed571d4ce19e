"""Facts of a record, without verdicts."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from provenance import batch
from provenance.stages.gather import Gather

SCHEMA = batch.schema(["captured_at", "truncated", "marks"])
Row = dict[str, str | None]


def gather(
    captured_at: datetime | None, truncated: str | None, marks: list[Row] | None = None
) -> list[Row]:
    given = pa.record_batch([[captured_at], [truncated], [marks or []]], schema=SCHEMA)
    facts: list[Row] = Gather()(given).column("evidence").to_pylist()[0]
    return facts


def test_the_capture_date_is_a_fact_without_polarity() -> None:
    assert gather(datetime(2019, 3, 1, 12, tzinfo=UTC), None) == [
        {
            "kind": "capture_date",
            "polarity": "neutral",
            "strength": "decisive",
            "detail": "2019-03-01T12:00:00Z",
        }
    ]


def test_a_page_cut_short_by_the_crawler_says_so() -> None:
    (fact,) = gather(None, "length")

    assert (fact["kind"], fact["detail"]) == ("crawler_truncated", "length")


def test_nothing_seen_is_an_empty_list_not_null() -> None:
    assert gather(None, None) == []


def test_marks_of_the_page_come_after_those_of_the_record_and_are_released() -> None:
    mark: Row = {"kind": "k", "polarity": "neutral", "strength": "weak", "detail": None}

    facts = gather(None, "length", [mark])

    assert [fact["kind"] for fact in facts] == ["crawler_truncated", "k"]
    assert "marks" in Gather.drops
