"""Strings in, columns out: raw scores, calibrated readings, and why there is none."""

from __future__ import annotations

import benched
import numpy as np
import pytest

import provenance
from detectors.calibration import Calibration
from detectors.classifier.linear import LinearDetector
from provenance.errors import InputError

ENGLISH = (
    "The committee will publish its report at the end of the month, the chairman said on Tuesday."
    " It was asked in spring to look into the delays at the port, which cost traders millions,"
    " and heard more than forty witnesses, among them two former ministers and the harbour master."
    " None of them, he added, had been able to say why the cranes stood still for eleven days."
)
GERMAN = (
    "Der Ausschuss wird seinen Bericht am Ende des Monats veröffentlichen, sagte der Vorsitzende."
    " Er war im Frühjahr gebeten worden, die Verzögerungen im Hafen zu untersuchen, die Händler"
    " Millionen gekostet hatten, und hörte mehr als vierzig Zeugen, darunter zwei frühere Minister"
    " und den Hafenmeister. Keiner habe sagen können, warum die Kräne elf Tage lang stillstanden."
)


def test_a_text_is_read_as_its_detector_and_calibration_read_it() -> None:
    (score,) = LinearDetector().score([ENGLISH])
    reading = Calibration.load().read(score.value, "en", score.n_tokens)

    (row,) = provenance.score_texts([ENGLISH]).rows()

    assert row["score_linear"] == score.value
    assert row["tokens_linear"] == score.n_tokens
    assert row["llr_linear"] == pytest.approx(reading.llr, rel=1e-6)
    assert row["llr_low_linear"] < row["llr_linear"] < row["llr_high_linear"]
    assert row["human_tail_linear"] == pytest.approx(reading.human_tail, rel=1e-6)
    assert row["abstained_linear"] is None


def test_what_cannot_be_read_says_why() -> None:
    columns = provenance.score_texts([ENGLISH, GERMAN, "Short.", ""]).columns

    assert columns["abstained_linear"] == [None, "not_calibrated", "too_short", "degenerate"]
    assert [score is None for score in columns["score_linear"]] == [False, False, True, True]
    assert columns["llr_linear"][1:] == [None] * 3


def test_languages_that_are_given_are_not_identified() -> None:
    columns = provenance.score_texts([GERMAN], languages=["en"]).columns

    assert columns["abstained_linear"] == [None]


def test_several_detectors_stand_side_by_side() -> None:
    scorer = provenance.TextScorer(["linear", benched.said])

    (row,) = scorer([f"0.25 {ENGLISH}"]).rows()

    assert row["score_benched:said"] == 0.25
    assert row["abstained_benched:said"] == "not_calibrated"
    assert row["score_linear"] is not None


def test_a_table_is_typed_whatever_is_null() -> None:
    table = provenance.score_texts(["Short."]).table()

    types = {name.removesuffix("_linear"): str(table.schema.field(name).type)
             for name in table.column_names}  # fmt: skip
    assert types == {
        "score": "double", "tokens": "int32", "llr": "double", "llr_low": "double",
        "llr_high": "double", "human_tail": "double", "abstained": "string",
    }  # fmt: skip
    assert table.to_pylist() == provenance.score_texts(["Short."]).rows()


def test_an_empty_list_has_empty_columns() -> None:
    found = provenance.score_texts([])

    assert found.rows() == []
    assert set(map(len, found.columns.values())) == {0}


@pytest.mark.parametrize(
    ("texts", "languages"), [(ENGLISH, None), ([ENGLISH], []), ([ENGLISH], ["en", "en"])]
)
def test_one_string_is_no_list_and_every_text_has_one_language(
    texts: list[str], languages: list[str] | None
) -> None:
    with pytest.raises(InputError, match="texts"):
        provenance.score_texts(texts, languages=languages)


def test_scores_are_finite_or_null() -> None:
    columns = provenance.score_texts(["nan words", "1 word"], detectors=benched.said).columns

    assert columns["score_benched:said"] == [None, 1.0]
    assert columns["abstained_benched:said"][0] == "not_finite"
    assert np.isfinite(columns["score_benched:said"][1])
