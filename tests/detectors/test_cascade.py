"""A text is asked about as long as an answer can matter, and its reach holds every outcome."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from panels import NAMES, Told, calibration, fusion, panel, three

from detectors.cascade import Reach, judge
from detectors.fusion import Fused
from detectors.panel import Panel
from detectors.protocol import NOT_CALIBRATED, NOT_NEEDED, TOO_SHORT

FUSION = fusion()

SCORE = st.one_of(st.none(), st.floats(-30, 30))


def settled_never(reach: Reach) -> NDArray[np.bool_]:
    return np.zeros(len(reach.may_be_null), dtype=bool)


def ends(fused: Fused) -> tuple[float, ...]:
    return (float(fused.llr[0]), float(fused.llr_low[0]), float(fused.llr_high[0]),
            float(fused.human_tail[0]))  # fmt: skip


@settings(deadline=None)
@given(st.tuples(SCORE, SCORE, SCORE), st.sampled_from(["en", "de"]))
def test_what_comes_out_was_within_reach_at_every_step(
    scores: tuple[float | None, ...], language: str
) -> None:
    told = [{} if score is None else {"t": score} for score in scores]
    reaches: list[Reach] = []

    def note(reach: Reach) -> NDArray[np.bool_]:
        reaches.append(reach)
        return settled_never(reach)

    judged = judge(panel(three(told)), FUSION, ["t"], [language], settled=note)

    llr, low, high, tail = ends(judged.fused)
    assert len(reaches) == (2 if language == "en" else 0)
    for reach in reaches:
        if np.isnan(llr):
            assert reach.may_be_null[0]
            continue
        assert reach.may_be_given[0]
        assert reach.llr[0][0] - 1e-5 <= llr <= reach.llr[1][0] + 1e-5
        assert reach.interval[0][0] - 1e-5 <= low <= high <= reach.interval[1][0] + 1e-5
        assert reach.human_tail[0][0] - 1e-6 <= tail <= reach.human_tail[1][0] + 1e-6


def test_reach_shrinks_as_detectors_answer() -> None:
    widths: list[float] = []

    def note(reach: Reach) -> NDArray[np.bool_]:
        widths.append(float(reach.llr[1][0] - reach.llr[0][0]))
        return settled_never(reach)

    judge(panel(three([{"t": 1.0}] * 3)), FUSION, ["t"], ["en"], settled=note)

    assert widths[0] > widths[1] > 0


def test_a_settled_text_is_spared_the_rest() -> None:
    given = three([{"a": 1.0, "b": 2.0}] * 3)

    def settle_the_first(reach: Reach) -> NDArray[np.bool_]:
        return np.array([True, False])

    judged = judge(panel(given), FUSION, ["a", "b"], ["en", "en"], settled=settle_the_first)

    assert [one.asked for one in given] == [["a", "b"], ["b"], ["b"]]
    assert judged.reasons["dear"] == [NOT_NEEDED, None]
    assert np.isnan(judged.raws["dear"].scores).tolist() == [True, False]
    assert judged.raws["dear"].n_tokens.tolist() == [-1, 100]


def test_without_a_decider_every_text_meets_every_detector() -> None:
    given = three([{"a": 1.0}] * 3)

    judge(panel(given), FUSION, ["a", "b"], ["en", "en"])

    assert [one.asked for one in given] == [["a", "b"]] * 3


def test_a_text_in_a_language_nobody_is_calibrated_for_is_asked_of_nobody() -> None:
    given = three([{"t": 1.0, "u": 2.0}] * 3)

    judged = judge(panel(given), FUSION, ["t", "u", "t"], ["fi", "en", "und"])

    assert [one.asked for one in given] == [["u"]] * 3
    for name in NAMES:
        assert judged.reasons[name] == [NOT_CALIBRATED, None, NOT_CALIBRATED]
        assert judged.raws[name].reasons == [NOT_CALIBRATED, None, NOT_CALIBRATED]
        assert np.isnan(judged.raws[name].scores).tolist() == [True, False, True]
    assert np.isnan(judged.fused.llr).tolist() == [True, False, True]


def test_such_a_text_can_only_stay_null() -> None:
    reaches: list[Reach] = []

    def note(reach: Reach) -> NDArray[np.bool_]:
        reaches.append(reach)
        return settled_never(reach)

    given = three([{"t": 1.0}] * 3)
    judge(panel(given), FUSION, ["t", "t"], ["fi", "en"], settled=note)

    assert reaches[0].may_be_null.tolist() == [True, False]
    assert [len(one.asked) for one in given] == [1, 1, 1]


def test_a_pass_that_feeds_a_detector_without_a_calibration_reads_every_language() -> None:
    given = three([{"t": 1.0}] * 3)

    judge(panel(given, calibrated=["cheap", "middling"]), FUSION, ["t"], ["fi"])

    assert [len(one.asked) for one in given] == [0, 0, 1]


def test_a_detector_without_a_calibration_is_asked_for_its_score() -> None:
    given = three([{"t": 1.0}] * 3)

    def settle_all(reach: Reach) -> NDArray[np.bool_]:
        return np.ones(len(reach.may_be_null), dtype=bool)

    judged = judge(panel(given, calibrated=["cheap", "middling"]), FUSION, ["t"], ["en"],
                   settled=settle_all)  # fmt: skip

    assert judged.raws["dear"].scores.tolist() == [1.0]
    assert judged.reasons["dear"] == [NOT_CALIBRATED]
    assert judged.reasons["middling"] == [NOT_NEEDED]


def test_an_abstention_keeps_its_own_reason() -> None:
    judged = judge(panel(three([{}] * 3)), FUSION, ["t"], ["en"])

    assert judged.reasons == {name: [TOO_SHORT] for name in NAMES}


def test_parts_and_the_rest_add_up_to_the_ratio() -> None:
    judged = judge(panel(three([{"t": 1.0}, {}, {"t": 0.5}])), FUSION, ["t"], ["en"])
    combination = FUSION.combination(["cheap", "dear"])
    assert combination is not None

    parts = judged.fused.parts[0]

    assert np.isnan(parts).tolist() == [False, True, False]
    assert np.nansum(parts) + combination.beta[0] == pytest.approx(judged.fused.llr[0], abs=1e-5)


def test_detectors_are_asked_in_order_of_cost() -> None:
    shuffled = three([{}] * 3)[::-1]

    assert panel(shuffled).names == NAMES


def test_two_detectors_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="named twice"):
        panel([Told("a", 1.0, {}), Told("a", 2.0, {})])


def test_a_panel_reads_scores_with_its_calibrations() -> None:
    told = panel([Told("cheap", 1e-4, {"t": 1.5})])
    (step,) = told.steps

    read = told.read("cheap", step.score(["t"])["cheap"], ["en"])

    expected = calibration("cheap").read(1.5, "en", 100)
    assert expected is not None
    assert read.llr[0] == pytest.approx(expected.llr)
    assert isinstance(told, Panel)
