"""Facts of a record, without verdicts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from keyrings import VOCAB_SIZE, text_of, write_keyring
from watermarked import Babbler, generate, unigram

from provenance import batch
from provenance.stages.gather import Gather

SCHEMA = batch.schema(["captured_at", "truncated", "marks", "text", "lang"])
Row = dict[str, str | None]


def gather(
    captured_at: datetime | None, truncated: str | None, marks: list[Row] | None = None
) -> list[Row]:
    given = pa.record_batch(
        [[captured_at], [truncated], ["A text."], [marks or []], ["en"]], schema=SCHEMA
    )
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


def test_a_watermark_is_a_fact_when_a_keyring_is_given(tmp_path: Path) -> None:
    keyring = write_keyring(
        tmp_path, "  - {name: ours, scheme: unigram, tokenizer: words, vocab_size: 2000, key: 77}"
    )
    ids = generate(Babbler(VOCAB_SIZE), 200, seed=1, processor=unigram(VOCAB_SIZE, key=77))
    given = pa.record_batch(
        {
            "captured_at": [None, None],
            "truncated": ["length", None],
            "text": [text_of(ids), None],
            "marks": [[], []],
            "lang": [None, None],
        },
        schema=SCHEMA,
    )

    first, second = Gather(keyring=str(keyring))(given).column("evidence").to_pylist()

    assert [fact["kind"] for fact in first] == ["crawler_truncated", "watermark"]
    assert second == []
