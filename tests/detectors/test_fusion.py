"""Ratios of several detectors become one, whichever of them answered."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from detectors.calibrate import CellRule
from detectors.calibration import Fingerprint
from detectors.fusion import Fusion, FusionError, Member, fit, patterns
from detectors.kernels import reference

NAMES = ("cheap", "middling", "dear")
COVARIANCE = np.array([[4.0, 2.5, 1.0], [2.5, 4.0, 1.0], [1.0, 1.0, 3.0]])
RULE = CellRule(min_human=100, min_sources=3, min_ai=100, min_per_source=25)
MEMBERS = {name: Member(Fingerprint(name, "1", "1", "float32", "abc"), "digest") for name in NAMES}


def drawn(n: int = 2000, *, missing: float = 0.2, seed: int = 0) -> tuple[
    NDArray[np.float64], NDArray[np.bool_], list[str]
]:  # fmt: skip
    """Calibrated normal ratios of n texts in twenty groups, NaN in a share of the places."""
    rng = np.random.default_rng(seed)
    is_ai = np.arange(n) % 2 == 0
    llrs = rng.multivariate_normal(np.zeros(3), COVARIANCE, size=n)
    llrs += np.where(is_ai[:, None], 0.5, -0.5) * np.diag(COVARIANCE)
    llrs[rng.random((n, 3)) < missing] = np.nan
    return llrs, is_ai, [f"g{i // 2 % 20}" for i in range(n)]


@pytest.fixture(scope="module")
def fusion() -> Fusion:
    return fit(*drawn(), NAMES, members=MEMBERS, data_digest="texts", rule=RULE)


RATIO = st.floats(-20, 20).map(lambda x: round(x, 3))
ANSWER = st.one_of(st.none(), RATIO)


def row(values: list[float | None]) -> NDArray[np.float64]:
    return np.array([[np.nan if value is None else value for value in values]])


def test_every_set_of_detectors_has_a_combination(fusion: Fusion) -> None:
    sets = [one.members for one in fusion.combinations]

    assert sets == [NAMES[:2], (NAMES[0], NAMES[2]), NAMES[1:], NAMES]


@pytest.mark.parametrize("place", range(3))
def test_one_detector_alone_is_its_own_ratio(fusion: Fusion, place: int) -> None:
    llrs, low, high, tails = (np.full((1, 3), np.nan) for _ in range(4))
    llrs[0, place], low[0, place], high[0, place], tails[0, place] = 1.5, 1.0, 2.5, 0.03

    fused = fusion.fuse(llrs, low=low, high=high, human_tails=tails)

    answer = [fused.llr[0], fused.llr_low[0], fused.llr_high[0], fused.human_tail[0]]
    np.testing.assert_array_equal(answer, np.float32([1.5, 1.0, 2.5, 0.03]))


def test_nothing_is_said_where_every_detector_abstained(fusion: Fusion) -> None:
    nothing = np.full((1, 3), np.nan)

    fused = fusion.fuse(nothing, low=nothing, high=nothing, human_tails=nothing)

    assert all(np.isnan(column).all() for column in (fused.llr, fused.llr_low, fused.human_tail))


@given(st.tuples(ANSWER, ANSWER, ANSWER), st.integers(0, 2), st.floats(0, 10))
def test_more_machine_like_never_lowers_the_ratio(
    fusion: Fusion, answers: tuple[float | None, ...], place: int, more: float
) -> None:
    before = row(list(answers))
    after = before.copy()
    after[0, place] += more

    (old,), _, _ = fusion.llr(before)
    (new,), _, _ = fusion.llr(after)

    assert new >= old or (math.isnan(new) and math.isnan(old))


@given(st.tuples(ANSWER, ANSWER, ANSWER))
def test_the_interval_holds_the_ratio_within_what_the_texts_support(
    fusion: Fusion, answers: tuple[float | None, ...]
) -> None:
    (llr,), (low,), (high,) = fusion.llr(row(list(answers)))

    if sum(answer is not None for answer in answers) > 1:
        assert low <= llr <= high
        assert max(abs(low), abs(high)) <= np.float32(math.log(1001))


@given(st.tuples(ANSWER, ANSWER, ANSWER))
def test_a_text_alone_reads_as_among_others(
    fusion: Fusion, answers: tuple[float | None, ...]
) -> None:
    llrs, _, _ = drawn(50)
    among = fusion.llr(np.r_[llrs, row(list(answers))])
    alone = fusion.llr(row(list(answers)))

    np.testing.assert_allclose([x[-1] for x in among], [x[0] for x in alone], rtol=1e-6)


def test_reading_equals_its_plain_twin(fusion: Fusion) -> None:
    llrs, _, _ = drawn(200, missing=0.0, seed=1)
    low, high = llrs - 0.5, llrs + 0.7
    combination = fusion.combination(NAMES)
    assert combination is not None

    fused = fusion.fuse(llrs, low=low, high=high, human_tails=np.ones_like(llrs))

    twin = [
        reference.combined(
            list(zip(*rows, strict=True)),
            combination.beta.tolist(),
            combination.covariance.tolist(),
            combination.llr_limit,
        )
        for rows in zip(llrs.tolist(), low.tolist(), high.tolist(), strict=True)
    ]
    found = np.c_[fused.llr, fused.llr_low, fused.llr_high]
    np.testing.assert_allclose(found, twin, rtol=1e-6, atol=1e-6)


def test_fused_ratios_mean_what_they_say(fusion: Fusion) -> None:
    """Of fresh texts read as ratio r, the share e^r / (1 + e^r) are machine, for every pattern."""
    llrs, is_ai, _ = drawn(40_000, seed=2)
    fused, _, _ = fusion.llr(llrs)

    for low in (-3, -2, -1, 0, 1, 2):
        within = (fused >= low) & (fused < low + 1)
        expected = np.mean(1 / (1 + np.exp(-fused[within])))
        assert np.mean(is_ai[within]) == pytest.approx(expected, abs=0.05)


def test_two_detectors_say_more_than_one(fusion: Fusion) -> None:
    llrs, is_ai, _ = drawn(20_000, missing=0.0, seed=3)

    def loss(ratios: NDArray[np.float32]) -> float:
        return float(np.mean(np.logaddexp(0.0, np.where(is_ai, -ratios, ratios))))

    alone = [loss(llrs[:, i].astype(np.float32)) for i in range(3)]
    assert loss(fusion.llr(llrs)[0]) < min(alone) - 0.02


def test_p_values_of_fresh_human_texts_exceed_no_rate() -> None:
    """They promise that of a new source, so that on average they stay below."""
    fusion = fit(*drawn(20_000, missing=0.0), NAMES, rule=RULE)
    llrs, is_ai, _ = drawn(20_000, missing=0.0, seed=4)
    ones = np.ones_like(llrs)

    tails = fusion.fuse(llrs, low=llrs, high=llrs, human_tails=ones).human_tail[~is_ai]

    for rate in (0.02, 0.05, 0.2):
        assert 0.3 * rate < np.mean(tails <= rate) < 1.1 * rate


def test_p_values_of_too_few_sources_are_those_of_the_members() -> None:
    llrs, is_ai, groups = drawn(missing=0.0)
    rule = CellRule(min_human=100, min_sources=3, min_ai=100, min_per_source=500)
    tails = np.full_like(llrs, 0.5)
    tails[0, 1] = 0.01

    fused = fit(llrs, is_ai, groups, NAMES, rule=rule).fuse(
        llrs, low=llrs, high=llrs, human_tails=tails
    )

    assert fused.human_tail[:2].tolist() == pytest.approx([0.03, 1.0])


def test_a_set_without_texts_counts_as_the_mean_of_its_members() -> None:
    unfitted = Fusion(NAMES)
    llrs = np.array([[1.0, 3.0, np.nan]])
    tails = np.array([[0.2, 0.01, np.nan]])

    fused = unfitted.fuse(llrs, low=llrs - 1, high=llrs + 1, human_tails=tails)

    assert (fused.llr[0], fused.llr_low[0], fused.llr_high[0]) == (2.0, 1.0, 3.0)
    assert fused.human_tail[0] == np.float32(0.02)


def test_detectors_that_never_answered_together_have_no_combination() -> None:
    llrs, is_ai, groups = drawn()
    llrs[::2, 0] = np.nan
    llrs[1::2, 1] = np.nan

    fitted = fit(llrs, is_ai, groups, NAMES, rule=RULE)

    assert fitted.combination(NAMES[:2]) is None


def test_too_few_sources_make_no_combination() -> None:
    llrs, is_ai, _ = drawn()

    assert fit(llrs, is_ai, ["one"] * len(is_ai), NAMES, rule=RULE).combinations == ()


def test_a_fusion_reads_the_same_with_its_detectors_in_another_order(fusion: Fusion) -> None:
    llrs, _, _ = drawn(200, seed=5)
    order = [2, 0, 1]

    turned = fusion.of([NAMES[i] for i in order]).llr(llrs[:, order])

    np.testing.assert_allclose(turned, fusion.llr(llrs), rtol=1e-5, atol=1e-6)


def test_a_fusion_for_fewer_detectors_keeps_what_was_fitted_for_them(fusion: Fusion) -> None:
    llrs, _, _ = drawn(200, seed=6)
    both = llrs.copy()
    both[:, 1] = np.nan

    fewer = fusion.of([NAMES[0], NAMES[2]]).llr(llrs[:, [0, 2]])

    np.testing.assert_array_equal(fewer, fusion.llr(both))


def test_an_artefact_reads_back_the_same(fusion: Fusion, tmp_path: Path) -> None:
    fusion.save(tmp_path / "fusion.json")

    loaded = Fusion.load(tmp_path / "fusion.json", members=MEMBERS)

    llrs, _, _ = drawn(200, seed=7)
    np.testing.assert_array_equal(loaded.llr(llrs), fusion.llr(llrs))
    assert (loaded.members, loaded.data_digest) == (MEMBERS, "texts")


def test_a_member_with_another_calibration_is_refused(fusion: Fusion, tmp_path: Path) -> None:
    fusion.save(tmp_path / "fusion.json")
    changed = {**MEMBERS, "dear": Member(MEMBERS["dear"].fingerprint, "other texts")}

    with pytest.raises(FusionError, match="fusion does not fit: dear had another calibration"):
        Fusion.load(tmp_path / "fusion.json", members=changed)


def test_a_detector_it_never_saw_is_not_refused(fusion: Fusion, tmp_path: Path) -> None:
    fusion.save(tmp_path / "fusion.json")
    plugin = Member(Fingerprint("plugin", "1", "1", "float32", "x"), "y")

    loaded = Fusion.load(tmp_path / "fusion.json", members={"plugin": plugin})

    assert loaded.of(["cheap", "plugin"]).combinations == ()


@pytest.mark.parametrize(
    "content", ["", "{}", '{"schema": "fusion/2"}', '{"schema": "fusion/1", "names": 3}']
)
def test_a_file_that_is_no_fusion_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "fusion.json").write_text(content)

    with pytest.raises(FusionError):
        Fusion.load(tmp_path / "fusion.json", members={})


def test_the_artefact_is_plain_json(fusion: Fusion, tmp_path: Path) -> None:
    fusion.save(tmp_path / "fusion.json")

    stored = json.loads((tmp_path / "fusion.json").read_text())

    assert stored["schema"] == "fusion/1"
    assert stored["members"]["cheap"]["calibration"] == "digest"


def test_arguments_that_do_not_fit_are_refused() -> None:
    llrs, is_ai, groups = drawn(100)

    with pytest.raises(ValueError, match="2 names"):
        fit(llrs, is_ai, groups, NAMES[:2])


def test_patterns_are_every_set_of_answers_with_its_rows() -> None:
    answered = np.array([[True, False], [False, False], [True, True], [True, False]])

    found = [(rows.tolist(), columns.tolist()) for rows, columns in patterns(answered)]

    assert found == [([0, 3], [0]), ([2], [0, 1])]
