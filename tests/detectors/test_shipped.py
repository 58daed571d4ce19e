"""What ships fits what ships, and what is asked when nobody chooses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detectors import shipped
from detectors.calibrate import CellRule
from detectors.calibration import Calibration
from detectors.classifier.linear import LinearDetector
from detectors.fusion import Fusion, Member, fit
from detectors.shipped import calibration_for, defaults, fusion_for, member

PRINT = LinearDetector().fingerprint


def test_without_a_fusion_one_detector_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "FUSION", tmp_path / "fusion.json")

    assert defaults() == ("linear",)


@pytest.mark.parametrize(
    ("joined", "asked"),
    [
        (("encoder", "stylometry", "linear"), ("linear", "stylometry")),
        (("encoder", "linear"), ("linear",)),
    ],
)
def test_what_the_fusion_joins_is_asked_where_it_needs_no_torch(
    joined: tuple[str, ...], asked: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "FUSION", tmp_path / "fusion.json")
    own = {n: replace(Calibration.load(), fingerprint=replace(PRINT, detector=n)) for n in joined}
    artefact(tmp_path / "fusion.json", {name: member(one) for name, one in own.items()})

    assert defaults() == asked


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


def test_without_a_fusion_every_set_counts_as_its_mean() -> None:
    assert fusion_for({}, ("a", "b")) == Fusion(("a", "b"))
