"""Facts of many documents weighed at once against the plain table, one document at a time."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.batch import EVIDENCE
from provenance.evidence.weighing import weigh
from provenance.evidence.weights import strongest

facts = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["declared_synthetic", "declared_mixed", "watermark", "hidden_x"]),
        "polarity": st.sampled_from(["human", "synthetic", "neutral"]),
        "strength": st.sampled_from(["decisive", "moderate", "weak"]),
        "detail": st.none(),
    }
)
documents = st.lists(st.lists(facts, max_size=4), max_size=6)


@given(documents, st.integers(0, 3))
def test_columns_give_what_each_document_gives(
    rows: list[list[dict[str, str]]], start: int
) -> None:
    found = weigh(pa.array(rows, type=EVIDENCE).slice(start))

    rows = rows[start:]
    assert found.llr.tolist() == pytest.approx(
        [math.fsum(llr for _, llr in strongest(row)) for row in rows]
    )
    assert found.decisive.tolist() == [
        any(f["strength"] == "decisive" and f["polarity"] != "neutral" for f in row) for row in rows
    ]
    for row, marked in zip(rows, found.has("watermark", "synthetic", "weak"), strict=True):
        same = {"kind": "watermark", "polarity": "synthetic", "strength": "weak"}
        assert marked == any(f.items() >= same.items() for f in row)
