"""The stylometry detector with its shipped weights."""

from __future__ import annotations

import pytest

from detectors.calibration import Calibration
from detectors.classifier.linear import LIMIT_BYTES
from detectors.stylometry.detector import WEIGHTS, Stylometry
from detectors.stylometry.profile import NAMES

TEXT = (
    "We got in around nine and the place was heaving. No table, so we stood by the bar for ages, "
    "me with my bag on my feet because I don't trust anyone. Anyway the pie was good! Would I go "
    "again? Maybe on a Tuesday. Parking is a joke round there so get the bus, and bring cash."
)


@pytest.fixture(scope="module")
def detector() -> Stylometry:
    return Stylometry()


def test_formatting_does_not_move_the_score(detector: Stylometry) -> None:
    lines = TEXT.replace(". ", ".\n\n- ").upper()
    spaced = "# " + TEXT.replace(" ", "   ").replace("'", "\u2019")

    plain = detector.score([TEXT])[0]

    assert detector.score([lines])[0] == plain
    assert detector.score([spaced])[0] == plain


def test_parts_name_every_feature_and_sum_to_the_score(detector: Stylometry) -> None:
    parts = detector.parts(TEXT)
    empty = detector.parts("")

    difference = sum(parts.values()) - sum(empty.values())

    assert tuple(parts) == NAMES
    assert detector.score([TEXT])[0].value == pytest.approx(
        sum(parts.values()) + detector._model.bias, rel=1e-5
    )
    assert difference != 0


def test_what_comes_after_the_limit_is_not_read(detector: Stylometry) -> None:
    long = "word and sentence. " * (LIMIT_BYTES // 10)

    assert detector.score([long])[0] == detector.score([long + TEXT * 50])[0]


def test_the_shipped_calibration_is_for_the_shipped_weights(detector: Stylometry) -> None:
    path = WEIGHTS.with_name("stylometry.calibration.json")

    calibration = Calibration.load(path, fingerprint=detector.fingerprint)

    assert {cell.language for cell in calibration.cells} == {"en"}
    assert all(cell.n_human >= 200 and len(cell.sources) >= 3 for cell in calibration.cells)
