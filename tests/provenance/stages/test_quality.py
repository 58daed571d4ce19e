from __future__ import annotations

import pyarrow as pa

from provenance import batch as contract
from provenance.stages.quality import Quality
from provenance.text.quality.statistics import KEPT, NAMES, measure


def batch(*texts: str | None) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [pa.array(texts, pa.large_string())], schema=contract.schema(["text"])
    )


def test_every_statistic_is_in_the_column_of_its_name() -> None:
    text = "- the first line\n- the first line\nAnd # more of it..."

    after = Quality()(batch(text))

    values = [after.column(name)[0].as_py() for name in NAMES]
    assert values == measure(pa.array([text], pa.large_string()))[0].tolist()
    within = [
        low <= value <= high for value, (low, high) in zip(values, KEPT.values(), strict=True)
    ]
    assert abs(after.column("quality_form")[0].as_py() - sum(within) / len(within)) < 1e-6


def test_what_has_no_text_or_no_words_has_nulls() -> None:
    after = Quality()(batch(None, "", "Words."))

    for name in contract.added_by("quality"):
        assert after.column(name).is_null().to_pylist() == [True, True, False]
