"""Detectors by name, loaded: which of them a run asks, and what their scores depend on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from detectors.calibration import (
    Calibration,
    CalibrationError,
    Fingerprint,
    choose,
    fingerprint_of,
)
from detectors.fusion import Fusion
from detectors.panel import DetectorStep, Panel, StatisticsStep, Step
from detectors.perplexity.presets import sampling_of
from detectors.protocol import Detector, DetectorSpec
from detectors.registry import detector_class
from detectors.shipped import DEFAULTS, calibration_for, fusion_for

_EXAMPLES: Final = {
    "model": "smollm2-135m, a folder, a GGUF file, or a hub id",
    "pair": "SCORING+SAMPLING",
    "classifier": "a folder, or a hub id",
}


@dataclass(frozen=True, slots=True)
class Group:
    """Detectors that are loaded together, and what they read besides the texts.

    language_model: the one whose statistics they read; with a sampling_model, both of a pair, which
    a preset may name. classifier: the sequence classifier that they read. device: where torch runs
    them.
    """

    detectors: tuple[str, ...]
    language_model: str | None = None
    sampling_model: str | None = None
    classifier: str | None = None
    device: str = "cpu"

    @property
    def source(self) -> str | None:
        """What is read, shown as one name; None = nothing but the texts."""
        model = "+".join(filter(None, (self.language_model, self.sampling_model)))
        name = model or self.classifier
        return name if name is None or self.device == "cpu" else f"{name} on {self.device}"


@dataclass(frozen=True, slots=True)
class Lineup:
    """A loaded panel, the fusion of its detectors, and what all of it depends on, as JSON values.

    facts: of each detector, in order of cost, its fingerprint and calibration; by language model
    its digest, dtype and windows; and the fusion's data.
    """

    panel: Panel
    fusion: Fusion
    facts: Mapping[str, Any]


def group_of(asked: str, *, device: str = "cpu") -> Group:
    """The group of one detector, from NAME, NAME@MODEL, or NAME@SCORING+SAMPLING of a pair.

    device: where its model runs, if it has one. Raises RegistryError, and ValueError where it lacks
    a model or is given one that it does not read.
    """
    name, _, source = asked.partition("@")
    needs = detector_class(name).spec.needs
    if needs == "nothing":
        if source:
            raise ValueError(f"{name} needs no model")
        return Group((name,))
    if not source:
        raise ValueError(f"{name} needs a model: {name}@{_EXAMPLES[needs]}")
    if needs == "classifier":
        return Group((name,), classifier=source, device=device)
    if needs == "model":
        return Group((name,), source, device=device)
    scoring, _, given = source.partition("+")
    sampling = sampling_of(scoring, given or None)
    if sampling is None:
        raise ValueError(f"a pair is SCORING+SAMPLING; {source} is one model")
    return Group((name,), scoring, sampling, device=device)


def default_groups(own: Iterable[Calibration] = ()) -> tuple[Group, ...]:
    """What is asked when nobody chooses; with the user's own calibrations, what they are for alone.

    Beside these, what others say by other texts would only blur the user's thresholds.
    """
    calibrated = {one.fingerprint.detector for one in own}
    names = [name for name in DEFAULTS if name in calibrated] or DEFAULTS
    return tuple(Group((name,)) for name in names)


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
    groups = [replace(group, sampling_model=_sampling(group)) for group in groups]
    named = {group.source: group for group in groups if group.source is not None}
    models: dict[str | None, Any] = {name: _model(group) for name, group in named.items()}
    detectors = [
        [_detector(name, models.get(group.source)) for name in group.detectors] for group in groups
    ]
    prints = {one.spec.name: fingerprint_of(one) for group in detectors for one in group}
    _require_used(own, prints)
    calibrations = {name: found for name, one in prints.items() if (found := _read_by(one, own))}
    steps = [
        step
        for group, held in zip(groups, detectors, strict=True)
        for step in _steps(group, held, models.get(group.source))
    ]
    panel = Panel.of(steps, calibrations)
    fusion = fusion_for(calibrations, panel.names)
    place = {
        name: {"name": name, "language_model": group.source if group.language_model else None}
        for group in groups
        for name in group.detectors
    }
    facts = {
        "detectors": [
            {**_facts(prints[name], calibrations.get(name)), **place[name]} for name in panel.names
        ],
        "language_models": {
            name: models[name].facts for name, group in named.items() if group.language_model
        },
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


def _sampling(group: Group) -> str | None:
    """The other model of the pair that the group reads, if it reads one."""
    if not any(detector_class(name).spec.needs == "pair" for name in group.detectors):
        return group.sampling_model
    found = sampling_of(group.language_model or "", group.sampling_model)
    if found is None:
        names = ", ".join(group.detectors)
        raise ValueError(f"{names}: reads a pair of language models, and is given one")
    return found


def _model(group: Group) -> Any:
    # Both load torch, which a run without such models does without.
    if group.language_model is None:
        from detectors.classifier.sequence import SequenceClassifier  # noqa: PLC0415

        return SequenceClassifier.load(group.classifier or "", device=group.device)
    from detectors.steady import SteadyModel  # noqa: PLC0415

    return SteadyModel.load(
        group.language_model, sampling=group.sampling_model, device=group.device
    )


def _detector(name: str, model: Any) -> Detector:
    cls: Any = detector_class(name)
    made: Detector = cls(model) if model is not None else cls()
    return made


def _steps(group: Group, detectors: Sequence[Detector], model: Any) -> Iterator[Step]:
    if group.language_model is not None:
        yield StatisticsStep(model, detectors)
    else:
        yield from map(DetectorStep, detectors)


def _facts(fingerprint: Fingerprint, calibration: Calibration | None) -> dict[str, Any]:
    return {
        "fingerprint": asdict(fingerprint),
        "calibration": None if calibration is None else calibration.digest,
    }
