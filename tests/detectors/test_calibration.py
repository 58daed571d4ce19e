"""A calibration says what a score means, how sure that is, and when nobody can say."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detectors.calibrate import CellRule, Scored, cells, limited, platt
from detectors.calibration import (
    DEFAULT,
    LIMIT_BYTES,
    Calibration,
    CalibrationError,
    Fingerprint,
    artefact,
    fingerprint_of,
)
from detectors.cell import Cell
from detectors.protocol import DetectorSpec, Score

FINGERPRINT = Fingerprint("d", "1", "1", "float32", "abc")
RULE = CellRule(min_human=40, min_sources=2, min_per_source=99, min_ai=20, max_per_source=1000)


def scored(*, seed: int = 0, n: int = 400, shift: float = 2.0, n_tokens: int = 150) -> list[Scored]:
    """Human scores N(0, 1) of four sources and machine scores N(shift, 1) of two."""
    rng = np.random.default_rng(seed)
    human = [
        Scored(float(v), n_tokens, "en", f"h{i % 4}", False)
        for i, v in enumerate(rng.normal(size=n))
    ]
    ai = [
        Scored(float(v), n_tokens, "en", f"a{i % 2}", True)
        for i, v in enumerate(rng.normal(shift, 1.0, size=n))
    ]
    return human + ai


@pytest.fixture(scope="module")
def cell() -> Cell:
    return cells(scored(), rule=RULE)[0]


@pytest.fixture
def calibration(cell: Cell) -> Calibration:
    return Calibration(FINGERPRINT, "digest", (cell,))


@pytest.mark.parametrize("fpr", [0.02, 0.05, 0.3])
def test_a_threshold_is_exceeded_by_no_more_of_any_source_than_asked(
    cell: Cell, fpr: float
) -> None:
    threshold = cell.threshold(fpr)

    for source in ("h0", "h1", "h2", "h3"):
        human = [item.value for item in scored() if item.source == source]
        assert sum(value > threshold for value in human) <= fpr * (len(human) + 1)


def test_a_threshold_holds_on_new_humans_within_chance(cell: Cell) -> None:
    fresh = np.random.default_rng(99).normal(size=100_000)

    assert 0.005 < (fresh > cell.threshold(0.05)).mean() <= 0.05


def test_a_rate_that_the_sample_cannot_tell_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueError, match="more texts of each; en 100-199 has 4 with 400"):
        cell.threshold(0.001)


def test_the_ratio_is_the_true_one_for_two_normals(cell: Cell) -> None:
    # ln N(x; 2, 1) / N(x; 0, 1) = 2 x - 2
    llr, low, high = cell.llr(np.array([1.0, 2.0]))

    assert llr == pytest.approx([0.0, 2.0], abs=0.35)
    assert (low < llr).all()
    assert (llr < high).all()


def test_the_ratio_is_bounded_by_what_the_sample_supports(cell: Cell) -> None:
    llr, low, high = cell.llr(np.array([-1e6, 1e6]))

    assert llr.tolist() == [-math.log(401), math.log(401)]
    assert low[1] <= high[1] <= math.log(401)


def test_independent_texts_give_the_textbook_covariance() -> None:
    alone = [Scored(i.value, 150, "en", f"{n}", i.is_ai) for n, i in enumerate(scored())]

    (intercept, slope), covariance = platt(alone)

    design = np.array([[1.0, item.value] for item in alone])
    chance = 1 / (1 + np.exp(-(intercept + slope * design[:, 1])))
    fisher = (design * (chance * (1 - chance))[:, None]).T @ design
    assert covariance == pytest.approx(np.linalg.inv(fisher), rel=0.25)


def test_sources_that_disagree_widen_the_interval() -> None:
    agreeing = scored()
    split = [
        Scored(i.value + (1.0 if i.source in ("h0", "a0") else 0.0), 150, "en", i.source, i.is_ai)
        for i in agreeing
    ]

    assert platt(split)[1][0, 0] > platt(agreeing)[1][0, 0]


def test_one_reading_is_the_vectorised_one(calibration: Calibration) -> None:
    values = np.array([-1.0, 0.5, 3.0], np.float32)
    many = calibration.read_many(values, ["en"] * 3, np.array([150, 199, 100], np.int32))

    for i, value in enumerate(values.tolist()):
        one = calibration.read(value, "en", 150)
        assert one is not None
        assert many.llr[i] == pytest.approx(one.llr, rel=1e-6)
        assert many.llr_low[i] == pytest.approx(one.llr_low, rel=1e-6)
        assert many.llr_high[i] == pytest.approx(one.llr_high, rel=1e-6)
        assert many.human_tail[i] == pytest.approx(one.human_tail, rel=1e-6)


def test_the_closest_cell_reads_a_text(cell: Cell) -> None:
    own = replace(cell, domain="law", min_tokens=50, max_tokens=400)
    whole = replace(cell, min_tokens=50, max_tokens=400, intercept=1.0)
    calibration = Calibration(FINGERPRINT, "digest", (own, cell, whole))

    assert calibration.cell("en", 150) is cell
    assert calibration.cell("en", 300) is whole
    assert calibration.cell("en", 150, domain="law") is own
    assert calibration.cell("en", 150, domain="sport") is cell
    assert calibration.cell("de", 150, domain="law") is None


def test_batches_are_read_by_the_same_cells(cell: Cell) -> None:
    own = replace(cell, domain="law", intercept=2.0)
    whole = replace(cell, min_tokens=50, max_tokens=400, intercept=1.0)
    calibration = Calibration(FINGERPRINT, "digest", (own, cell, whole))
    lengths, domains = [150, 300, 150, 500], ["", "", "law", "law"]

    many = calibration.read_many(
        np.full(4, 0.5, np.float32), ["en"] * 4, np.array(lengths, np.int32), domains=domains
    )

    for i, (n, domain) in enumerate(zip(lengths, domains, strict=True)):
        one = calibration.read(0.5, "en", n, domain=domain)
        assert many.llr[i] == pytest.approx(one.llr if one else math.nan, nan_ok=True)


def test_no_reading_comes_with_a_reason(calibration: Calibration) -> None:
    values = np.array([1.0, 1.0, 1.0, np.nan], np.float32)

    read = calibration.read_many(
        values, ["en", "de", "en", "en"], np.array([150, 150, 250, 20], np.int32)
    )

    assert read.reasons == [None, "not_calibrated", "not_calibrated", "too_short"]
    assert np.isnan(read.llr).tolist() == [False, True, True, True]


def test_no_cell_no_reading_and_no_threshold(calibration: Calibration) -> None:
    assert calibration.read(1.0, "de", 150) is None
    with pytest.raises(ValueError, match="no human reference for 'de' at 150 tokens"):
        calibration.threshold("de", 150, 0.05)


@pytest.mark.parametrize(
    "rule",
    [
        replace(RULE, min_human=401),
        replace(RULE, min_sources=5),
        replace(RULE, min_per_source=101),
        replace(RULE, undated=("h0", "h1", "h2")),
        replace(RULE, min_ai=401),
    ],
    ids=["few humans", "few sources", "small sources", "few dated sources", "few machine texts"],
)
def test_a_reference_too_small_makes_no_cell(rule: CellRule) -> None:
    assert cells(scored(), rule=rule) == ()


def test_scores_that_run_the_wrong_way_make_no_cell() -> None:
    assert cells(scored(shift=-2.0), rule=RULE) == ()


def test_no_source_fills_more_than_its_share() -> None:
    kept = limited(scored(), rule=CellRule(max_per_source=30))

    assert sum(item.source == "h0" for item in kept) == 30
    assert len(kept) == 6 * 30


def test_an_artefact_reads_back_as_it_was(calibration: Calibration, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    calibration.save(path)

    back = Calibration.load(path, fingerprint=FINGERPRINT)

    assert back.cells[0].to_json() == calibration.cells[0].to_json()
    assert (back.fingerprint, back.data_digest) == (FINGERPRINT, "digest")


def test_other_weights_are_refused_by_name(calibration: Calibration, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    calibration.save(path)
    other = Fingerprint("d", "1", "2", "float32", "xyz")

    with pytest.raises(CalibrationError) as raised:
        Calibration.load(path, fingerprint=other)

    assert str(raised.value) == (
        "calibration does not fit: normalizer: calibrated on '1', scoring with '2'; "
        "weights: calibrated on 'abc', scoring with 'xyz'"
    )


def damaged(**changes: object) -> str:
    """An artefact of which one cell's numbers make no sense."""
    made = cells(scored(), rule=RULE)
    stored = json.loads(artefact([Calibration(FINGERPRINT, "digest", made)]))
    stored["calibrations"][0]["cells"][0].update(changes)
    return json.dumps(stored)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", '{"schema": "calibration/9"}', '{"schema": "calibration/1"}',
        '{"schema": "calibration/2"}', '{"schema": "calibration/2", "calibrations": [1]}',
        '{"schema": "calibration/2", "calibrations": 7}', "[" * 100_000, "\xff",
        damaged(tails=[0.1]), damaged(scores=[math.nan]), damaged(scores=[]), damaged(n_human=0),
        damaged(unit="words"), damaged(surprise=1), damaged(slope="steep"), damaged(scores={}),
        damaged(tails=[-1.0] * 9),
    ],
    ids=range(19),
)  # fmt: skip
def test_a_file_that_is_no_calibration_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(text)

    with pytest.raises(CalibrationError, match=r"c\.json"):
        Calibration.load(path)


def test_a_lost_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match="no calibration"):
        Calibration.load(tmp_path / "none.json")


def test_a_file_too_large_to_be_one_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    with path.open("wb") as file:
        file.truncate(LIMIT_BYTES + 2)

    with pytest.raises(CalibrationError, match="larger than"):
        Calibration.load(path)


def test_a_file_may_hold_several_detectors(calibration: Calibration, tmp_path: Path) -> None:
    other = replace(calibration, fingerprint=replace(FINGERPRINT, detector="e"), cells=())
    path = tmp_path / "c.json"
    path.write_text(artefact([calibration, other]))

    assert Calibration.load(path, fingerprint=other.fingerprint).cells == ()
    with pytest.raises(CalibrationError, match="calibrates d, e, not detector 'f'"):
        Calibration.load(path, fingerprint=replace(FINGERPRINT, detector="f"))


def canonical(value: object) -> str:
    """JSON as the plan keeps it: keys sorted, whole numbers without a fraction."""
    return json.dumps(value, sort_keys=True).replace(".0,", ",").replace(".0}", "}")


def test_the_digest_is_that_of_the_content(calibration: Calibration) -> None:
    again = Calibration.from_json(json.loads(canonical(calibration.to_json())))

    assert again.digest == calibration.digest
    assert replace(calibration, data_digest="other").digest != calibration.digest


def test_a_detector_without_a_fingerprint_is_known_by_name_and_version() -> None:
    class Plain:
        spec = DetectorSpec("p", "7", "logit", 1, 1.0, "")

        def score(self, texts: Sequence[str]) -> list[Score]:
            return []

    assert fingerprint_of(Plain()) == Fingerprint("p", "7", "", "", "")


def test_the_shipped_calibration_fits_the_shipped_weights() -> None:
    from detectors.classifier.linear import LinearDetector

    calibration = Calibration.load(fingerprint=LinearDetector().fingerprint)

    assert {cell.language for cell in calibration.cells} >= {"en"}
    assert json.dumps([cell.to_json() for cell in calibration.cells])


UNLICENSED = (
    "asap_gpt_essays", "cowsl2h_essays_es", "detectrl", "feedback_prize_essays", "katfish_ko",
    "m4_llama2", "mixset", "raidar", "tweepfake", "wiki_news_gpt35", "modern_alpaca_eval",
    "modern_human_gum",
)  # fmt: skip


def test_nothing_shipped_rests_on_data_without_a_free_licence() -> None:
    sources = {name for cell in Calibration.load().cells for name in cell.sources}
    card = DEFAULT.with_name("linear.md").read_text(encoding="utf-8")

    assert not [name for name in UNLICENSED if name in card]
    assert not [source for source in sources if source.startswith(UNLICENSED)]


def test_the_weights_stay_small() -> None:
    folder = DEFAULT.parent

    assert sum(path.stat().st_size for path in folder.iterdir()) < 25_000_000
