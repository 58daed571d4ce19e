"""Detectors by name, loaded: which of them a run asks, and what their scores depend on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from detectors.calibration import (
    Calibration,
    CalibrationError,
    Fingerprint,
    choose,
    fingerprint_of,
)
from detectors.fusion import Fusion
from detectors.panel import DetectorStep, Panel, StatisticsStep, Step
from detectors.protocol import Detector, DetectorSpec
from detectors.registry import detector_class
from detectors.shipped import calibration_for, defaults, fusion_for


@dataclass(frozen=True, slots=True)
class Group:
    """Detectors that are loaded together. language_model: the one whose statistics they read."""

    detectors: tuple[str, ...]
    language_model: str | None = None


@dataclass(frozen=True, slots=True)
class Lineup:
    """A loaded panel, the fusion of its detectors, and what all of it depends on, as JSON values.

    facts: of each detector, in order of cost, its fingerprint and calibration; by language model
    its digest, dtype and windows; and the fusion's data.
    """

    panel: Panel
    fusion: Fusion
    facts: Mapping[str, Any]


def default_groups() -> tuple[Group, ...]:
    """What is asked when nobody chooses."""
    return tuple(Group((name,)) for name in defaults())


def specs(groups: Iterable[Group]) -> tuple[DetectorSpec, ...]:
    """The detectors in the order that `load` gives them, without loading any weights."""
    found = [tuple(detector_class(name).spec for name in group.detectors) for group in groups]
    found.sort(key=lambda specs: (max(spec.cost_seconds for spec in specs), specs[0].name))
    return tuple(spec for specs in found for spec in specs)


def load(groups: Sequence[Group], *, own: Sequence[Calibration] = ()) -> Lineup:
    """The detectors of `groups`, loaded, with the calibrations that fit them.

    own: the user's calibrations, which go before those that ship. A detector without one is asked
    and not read. Raises RegistryError, LanguageModelError, CalibrationError when one of `own` does
    not fit its detector or none has one here, ValueError where a detector is named twice.
    """
    named = dict.fromkeys(group.language_model for group in groups)
    models: dict[str | None, Any] = {name: _model(name) for name in named if name is not None}
    detectors = [
        [_detector(name, models.get(group.language_model)) for name in group.detectors]
        for group in groups
    ]
    prints = {one.spec.name: fingerprint_of(one) for group in detectors for one in group}
    _require_used(own, prints)
    calibrations = {name: found for name, one in prints.items() if (found := _read_by(one, own))}
    steps = [
        step
        for group, held in zip(groups, detectors, strict=True)
        for step in _steps(held, models.get(group.language_model))
    ]
    panel = Panel.of(steps, calibrations)
    fusion = fusion_for(calibrations, panel.names)
    place = {
        name: {"name": name, "language_model": group.language_model}
        for group in groups
        for name in group.detectors
    }
    facts = {
        "detectors": [
            {**_facts(prints[name], calibrations.get(name)), **place[name]} for name in panel.names
        ],
        "language_models": {name: model.facts for name, model in models.items()},
        "fusion": fusion.data_digest or None,
    }
    return Lineup(panel, fusion, facts)


def _read_by(fingerprint: Fingerprint, own: Sequence[Calibration]) -> Calibration | None:
    if fingerprint.detector in {one.fingerprint.detector for one in own}:
        return choose(own, fingerprint)
    return calibration_for(fingerprint)


def _require_used(own: Sequence[Calibration], names: Iterable[str]) -> None:
    given = {one.fingerprint.detector for one in own}
    if given and not given & set(names):
        raise CalibrationError(
            f"calibrates {', '.join(sorted(given))}, and none of the detectors that score"
        )


def _model(name: str) -> Any:
    # Loads torch, which a run without language models does without.
    from detectors.steady import SteadyModel  # noqa: PLC0415

    return SteadyModel.load(name)


def _detector(name: str, model: Any) -> Detector:
    cls: Any = detector_class(name)
    made: Detector = cls(model) if model is not None else cls()
    return made


def _steps(detectors: Sequence[Detector], model: Any) -> Iterator[Step]:
    if model is not None:
        yield StatisticsStep(model, detectors)
    else:
        yield from map(DetectorStep, detectors)


def _facts(fingerprint: Fingerprint, calibration: Calibration | None) -> dict[str, Any]:
    return {
        "fingerprint": asdict(fingerprint),
        "calibration": None if calibration is None else calibration.digest,
    }
