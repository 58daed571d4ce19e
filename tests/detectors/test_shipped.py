"""What is asked when nobody chooses."""

from __future__ import annotations

from pathlib import Path

import pytest

from detectors import shipped
from detectors.fusion import Fusion
from detectors.shipped import defaults


def test_without_a_fusion_one_detector_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "FUSION", tmp_path / "fusion.json")

    assert defaults() == ("linear",)


def test_calibrated_detectors_that_the_fusion_joins_are_asked_in_order_of_the_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "FUSION", tmp_path / "fusion.json")
    Fusion(("perplexity", "stylometry", "linear")).save(tmp_path / "fusion.json")

    assert defaults() == ("linear", "stylometry")
