"""The linear detector's column in a batch: scores, readings, and honest silence."""

from __future__ import annotations

import pyarrow as pa
from crawls import prose

from detectors.calibration import Calibration
from detectors.classifier.linear import LinearDetector
from provenance import batch
from provenance.stages.detect import Detect

SCHEMA = batch.schema(["text", "lang"])
TEXTS = [prose(1), None, "Too short to say.", prose(2), ""]
LANGS = ["en", None, "en", "fi", "en"]


def detected() -> pa.RecordBatch:
    return Detect()(pa.record_batch([TEXTS, LANGS], schema=SCHEMA))


def test_silence_has_its_reason() -> None:
    assert detected().column("abstained_linear").to_pylist() == [
        None,
        "no_text",
        "too_short",
        "not_calibrated",
        "degenerate",
    ]


def test_a_score_without_a_reference_stays_a_score() -> None:
    result = detected()

    assert result.column("score_linear").is_valid().to_pylist() == [True, False, False, True, False]
    for name in ("llr", "llr_low", "llr_high", "human_tail"):
        assert result.column(name).is_valid().to_pylist() == [True, False, False, False, False]


def test_the_columns_are_the_detectors_own_numbers() -> None:
    (score,) = LinearDetector().score([prose(1)])
    assert score.value is not None
    reading = Calibration.load().read(score.value, "en", score.n_tokens)

    row = detected().slice(0, 1).to_pylist()[0]

    assert reading is not None
    assert row["score_linear"] == score.value
    assert abs(row["llr"] - reading.llr) < 1e-5
    assert abs(row["human_tail"] - reading.human_tail) < 1e-6


def test_a_batch_of_nothing_is_a_batch_of_nothing() -> None:
    assert Detect()(pa.RecordBatch.from_pylist([], schema=SCHEMA)).num_rows == 0
