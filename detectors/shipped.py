"""What comes with this package beside the detectors themselves: calibrations, and their fusion.

A calibration lies in a `weights` folder as `<detector>.calibration.json`; of a detector that reads
a language model as `<preset>.<detector>.calibration.json`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from detectors.calibration import Calibration, CalibrationError, Fingerprint
from detectors.fusion import Fusion, Member

_HERE: Final = Path(__file__).parent
_SUFFIX: Final = ".calibration.json"
FUSION: Final = _HERE / "weights" / "fusion.json"
#: Who is asked when nobody chooses: detectors that load no torch, joined by the shipped fusion.
DEFAULTS: Final = ("linear", "stylometry")


def calibration_for(fingerprint: Fingerprint) -> Calibration | None:
    """The calibration that was made for exactly these scores, or None."""
    for path in _calibrations():
        if fingerprint.detector in path.name.split("."):
            try:
                return Calibration.load(path, fingerprint=fingerprint)
            except CalibrationError:
                continue
    return None


def fusion_for(calibrations: Mapping[str, Calibration], names: Sequence[str]) -> Fusion:
    """The fusion of detectors `names`: what was fitted for sets of them with these calibrations."""
    if not FUSION.exists():
        return Fusion(tuple(names))
    whole = Fusion.load(FUSION, members={})
    known = whole.members or {}
    fitting = [name for name, one in calibrations.items() if known.get(name) == member(one)]
    fitted = whole.of(fitting).of(names)
    return fitted if fitted.combinations else Fusion(tuple(names))


def member(calibration: Calibration) -> Member:
    """What the ratios that this calibration gives depend on."""
    return Member(calibration.fingerprint, calibration.digest)


def _calibrations() -> list[Path]:
    return sorted(_HERE.glob(f"*/weights/*{_SUFFIX}"))
