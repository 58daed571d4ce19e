"""What ships fits what ships, and what is asked when nobody chooses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detectors import shipped
from detectors.calibrate import CellRule
from detectors.calibration import DEFAULT, Calibration
from detectors.classifier.linear import LinearDetector
from detectors.classifier.named import NamedModel
from detectors.fusion import Fusion, Member, fit
from detectors.lineup import Group, default_groups
from detectors.perplexity.profile import NAMES
from detectors.perplexity.token_profile import WEIGHTS
from detectors.shipped import DEFAULTS, calibration_for, fusion_for, member

PRINT = LinearDetector().fingerprint


def test_without_a_fusion_every_set_counts_as_its_mean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "FUSION", tmp_path / "fusion.json")

    assert fusion_for({"linear": Calibration.load()}, ("linear",)) == Fusion(("linear",))


def test_the_shipped_fusion_joins_who_is_asked_by_default() -> None:
    assert Fusion.load(shipped.FUSION, members={}).combination(DEFAULTS) is not None


def test_the_shipped_fusion_joins_the_probe_with_who_is_asked_by_default() -> None:
    fusion = Fusion.load(shipped.FUSION, members={})
    probe = Calibration.load(DEFAULT.with_name("probe.calibration.json"))

    joined = fusion.combination((*DEFAULTS, "probe"))

    assert joined is not None
    assert len(joined.tails)
    assert (fusion.members or {})["probe"] == member(probe)


def test_the_shipped_calibration_is_for_the_weights_that_ship() -> None:
    found = calibration_for(PRINT)

    assert found is not None
    assert found.digest == Calibration.load().digest


@pytest.mark.parametrize("changed", ["weights", "normalizer", "dtype", "version"])
def test_other_scores_have_none(changed: str) -> None:
    assert calibration_for(replace(PRINT, **{changed: "other"})) is None


def test_a_detector_nobody_calibrated_has_none() -> None:
    assert calibration_for(replace(PRINT, detector="perplexity")) is None


def artefact(path: Path, members: dict[str, Member]) -> Path:
    """A fusion of these detectors, fitted for every set of them."""
    rng = np.random.default_rng(0)
    is_ai = np.arange(1200) % 2 == 0
    llrs = rng.normal(np.where(is_ai, 1.0, -1.0)[:, None], 2.0, (1200, len(members)))
    groups = [f"g{i % 10}" for i in range(1200)]
    rule = CellRule(min_human=100, min_sources=3, min_ai=100)
    fit(llrs, is_ai, groups, list(members), members=members, rule=rule).save(path)
    return path


def test_a_fusion_serves_the_sets_whose_calibrations_it_was_fitted_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user's own calibration of one leaves what was fitted for the others."""
    names = ("a", "b", "c")
    own = {n: replace(Calibration.load(), fingerprint=replace(PRINT, detector=n)) for n in names}
    path = artefact(tmp_path / "fusion.json", {name: member(one) for name, one in own.items()})
    monkeypatch.setattr(shipped, "FUSION", path)

    other = {**own, "b": replace(own["b"], data_digest="mine")}

    assert len(fusion_for(own, ("c", "a", "b")).combinations) == 4
    fitted = fusion_for(other, ("c", "a", "b"))
    assert fitted.names == ("c", "a", "b")
    assert [one.members for one in fitted.combinations] == [("c", "a")]


def test_the_shipped_fusion_is_for_the_calibrations_that_ship() -> None:
    calibrations = {
        name: Calibration.load(DEFAULT.with_name(f"{name}.calibration.json"))
        for name in ("linear", "stylometry")
    }

    fusion = fusion_for(calibrations, ("linear", "stylometry"))

    (joined,) = fusion.combinations
    assert joined.beta[1:].min() > 0
    assert joined.tails[0] <= 0.01
    assert fusion.data_digest


@pytest.mark.parametrize("name", ["linear", "stylometry", "encoder"])
def test_shares_can_be_estimated_with_what_ships(name: str) -> None:
    held = Calibration.load(DEFAULT.with_name(f"{name}.calibration.json"))

    assert {cell.min_tokens for cell in held.cells} == {50, 100, 200, 400, 800}
    assert all(cell.human_shapes and cell.ai_shapes for cell in held.cells)


@pytest.mark.parametrize("name", ["perplexity", "fast_detect", "token_profile"])
def test_detectors_of_the_statistics_of_smollm2_have_a_calibration(name: str) -> None:
    folder = Path(shipped.__file__).parent / "perplexity" / "weights"

    held = Calibration.load(folder / f"smollm2-135m.{name}.calibration.json")

    assert held.fingerprint.detector == name
    assert {cell.min_tokens for cell in held.cells} == {50, 100, 200, 400}
    assert all(cell.tails[0] <= 0.02 and cell.human_shapes for cell in held.cells)
    weights = NamedModel.load(WEIGHTS, names=NAMES).digest()
    assert (weights in held.fingerprint.weights) == (name == "token_profile")


def test_beside_ones_own_calibration_nobody_else_is_asked_unless_chosen() -> None:
    other = replace(Calibration.load(), fingerprint=replace(PRINT, detector="other"))

    assert default_groups([Calibration.load()]) == (Group(("linear",)),)
    assert default_groups([other]) == default_groups()


def test_detectors_that_no_fusion_joins_count_as_their_mean() -> None:
    assert fusion_for({}, ("a", "b")) == Fusion(("a", "b"))
