"""The detectors that are asked for, loaded, with what their scores depend on and how to read them.

A detector is NAME or NAME@MODEL of the registry (entry points included), package.module:attribute,
or an object: one with `spec` and `score`, or any callable from texts to numbers, higher = more
machine-like, None = it abstains.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeAlias

from detectors.calibration import (
    Calibration,
    CalibrationError,
    Fingerprint,
    fingerprint_of,
    load_all,
)
from detectors.lineup import Group, group_of
from detectors.protocol import Detector, DetectorSpec, Score
from detectors.registry import RegistryError, detector_class
from detectors.shipped import calibration_for
from provenance.errors import InputError, Problem

Scoring: TypeAlias = Callable[[Sequence[str]], Sequence[float | Score | None]]
Asked: TypeAlias = str | Detector | Scoring

_IMPORTED: Final = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
_OURS: Final = (RegistryError, ImportError, AttributeError, ValueError, TypeError)
_DETECTOR: Final = "NAME, NAME@MODEL, NAME@SCORING+SAMPLING, or package.module:attribute"


@dataclass(frozen=True, slots=True)
class Contestant:
    """A detector, ready to score.

    fingerprint: what its scores depend on. calibration: made for exactly that, or None. model: the
    language model pass that it shares with others, or None. device: where its model runs.
    """

    name: str
    detector: Detector
    fingerprint: dict[str, Any]
    calibration: Calibration | None
    model: SharedPass | None = None
    device: str = "cpu"

    @property
    def scored_by(self) -> dict[str, Any]:
        """The fingerprint, and the device unless it is the CPU: other last digits, other speed."""
        return self.fingerprint | ({} if self.device == "cpu" else {"device": self.device})


class CallableDetector:
    """A plain function as a detector: it abstains where the function says None."""

    def __init__(self, function: Scoring, name: str) -> None:
        self.function = function
        self.spec = DetectorSpec(
            name=name, version="", unit="", min_tokens=0, cost_seconds=0.0,
            reference=inspect.getdoc(function) or "",
        )  # fmt: skip

    def score(self, texts: Sequence[str]) -> list[Score]:
        """One score per text, in order. n_tokens: words between spaces."""
        return [
            given if isinstance(given, Score) else _plain_score(given, text)
            for given, text in zip(self.function(texts), texts, strict=True)
        ]


def _plain_score(value: float | None, text: str) -> Score:
    n_words = len(text.split())
    return Score(None, n_words, "abstained") if value is None else Score(float(value), n_words)


class SharedPass:
    """A language model whose last statistics are kept for the next detector that reads them.

    charged_seconds: of passes that a detector was spared, so that each can be charged the whole.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.charged_seconds = 0.0
        self._texts: list[str] = []
        self._statistics: Sequence[Any] = ()
        self._seconds = 0.0

    def fingerprint(self, spec: DetectorSpec) -> Fingerprint:
        """What the scores of detector `spec` depend on when it reads the model."""
        made: Fingerprint = self.model.fingerprint(spec)
        return made

    def statistics(self, texts: Sequence[str]) -> Sequence[Any]:
        """The model's statistics of the texts."""
        if list(texts) == self._texts:
            self.charged_seconds += self._seconds
            return self._statistics
        start = time.perf_counter()
        self._statistics, self._texts = self.model.statistics(texts), list(texts)
        self._seconds = time.perf_counter() - start
        return self._statistics


def asked_list(detectors: Asked | Sequence[Asked]) -> list[Asked]:
    """One detector, or several, as a list."""
    if isinstance(detectors, str) or not isinstance(detectors, Sequence):
        return [detectors]
    return list(detectors)


def contestants(
    asked: Sequence[Asked], *, calibrations: Iterable[str | Path] = (), device: str = "cpu"
) -> list[Contestant]:
    """The detectors, loaded, in the order asked for; models that several need are loaded once.

    calibrations: files; each goes before what ships for the detector that it was made for. device:
    where the models of NAME@MODEL run. Raises InputError with everything that is wrong.
    """
    problems: list[Problem] = []
    artefacts = _artefacts(calibrations, problems)
    passes: dict[str, SharedPass] = {}
    found: list[Contestant] = []
    for one in asked:
        try:
            found.append(_contestant(one, passes, artefacts, device))
        except Exception as error:  # whatever a plug-in raises when it is imported or made
            name = one if isinstance(one, str) else repr(one)
            kind = "" if isinstance(error, _OURS) else f"{type(error).__name__}: "
            problems.append(Problem("detectors", f"{name}: {kind}{error}", accepted=_DETECTOR))
    names = [one.name for one in found]
    used = {path for path, made in artefacts for one in found if _fits(made, one.fingerprint)}
    problems += [Problem("detectors", f"{name!r} is given twice") for name in _repeated(names)]
    problems += [
        Problem(
            str(path), f"was made for {_brief(_prints(made))}, which is not among the detectors"
        )
        for path, made in artefacts
        if path not in used
    ]
    if not asked:
        problems.append(Problem("detectors", "none was given", accepted=_DETECTOR))
    if problems:
        raise InputError(problems)
    return found


def _artefacts(
    paths: Iterable[str | Path], problems: list[Problem]
) -> list[tuple[Path, Calibration]]:
    found = []
    for path in map(Path, paths):
        try:
            found += [(path, made) for made in load_all(path)]
        except CalibrationError as error:
            problems.append(Problem("calibration", str(error)))
    return found


def _contestant(
    asked: Asked,
    passes: dict[str, SharedPass],
    artefacts: Sequence[tuple[Path, Calibration]],
    device: str,
) -> Contestant:
    model, ran_on = None, "cpu"
    if not isinstance(asked, str):
        name, detector = _object_name(asked), _as_detector(asked, _object_name(asked))
    elif _IMPORTED.fullmatch(asked):
        name, detector = asked, _as_detector(_imported(asked), asked)
    else:
        name, model, detector = _registered(asked, passes, device)
        ran_on = device if "@" in asked else ran_on
    fingerprint = _fingerprint(name, detector)
    fitting = [made for _, made in artefacts if _fits(made, fingerprint)]
    calibration = fitting[0] if fitting else calibration_for(fingerprint_of(detector))
    return Contestant(name, detector, fingerprint, calibration, model, ran_on)


def _registered(
    asked: str, passes: dict[str, SharedPass], device: str
) -> tuple[str, SharedPass | None, Detector]:
    group = group_of(asked, device=device)
    made: Callable[..., Detector] = detector_class(*group.detectors)
    if group.source is None:
        return asked, None, made()
    if group.classifier is not None:
        return asked, None, made(_classifier(group))
    if group.source not in passes:
        passes[group.source] = SharedPass(_model(group))
    return asked, passes[group.source], made(passes[group.source])


def _classifier(group: Group) -> Any:
    from detectors.classifier.sequence import SequenceClassifier  # noqa: PLC0415 (loads torch)

    return SequenceClassifier.load(group.classifier or "", device=group.device)


def _model(group: Group) -> Any:
    from detectors.language_model import LanguageModel, ModelPair  # noqa: PLC0415 (loads torch)

    scoring = LanguageModel.load(group.language_model or "", device=group.device)
    if group.sampling_model is None:
        return scoring
    sampling = LanguageModel.load(group.sampling_model, device=group.device)
    return ModelPair(sampling=sampling, scoring=scoring)


def _imported(asked: str) -> Any:
    module, _, attribute = asked.partition(":")
    found: Any = import_module(module)
    for part in attribute.split("."):
        found = getattr(found, part)
    return found


def _as_detector(given: Any, name: str) -> Detector:
    if inspect.isclass(given):
        given = given()
    if isinstance(given, Detector):
        return given
    if callable(given):
        return CallableDetector(given, name)
    raise TypeError("is neither a detector (spec, score) nor callable")


def _object_name(given: Any) -> str:
    if isinstance(given, Detector):
        return given.spec.name
    home = given if hasattr(given, "__qualname__") else type(given)
    return f"{home.__module__}:{home.__qualname__}"


def _fingerprint(name: str, detector: Detector) -> dict[str, Any]:
    """The detector's own, or what can be told of it: its name, version and source code."""
    own = getattr(detector, "fingerprint", None)
    if is_dataclass(own) and not isinstance(own, type):
        return asdict(own)
    known = {"detector": detector.spec.name, "version": detector.spec.version}
    function = detector.function if isinstance(detector, CallableDetector) else type(detector)
    return known | {"name": name, "source_sha256": _source_digest(function)}


def _source_digest(given: Any) -> str | None:
    """SHA-256 of the file that defines it; None where there is none. Data it loads is not seen."""
    try:
        path = inspect.getsourcefile(
            given
            if hasattr(given, "__module__") and hasattr(given, "__qualname__")
            else type(given)
        )
    except TypeError:
        return None
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if path else None


def _fits(calibration: Calibration, fingerprint: dict[str, Any]) -> bool:
    return _prints(calibration) == fingerprint


def _prints(calibration: Calibration) -> dict[str, Any]:
    return asdict(calibration.fingerprint)


def _brief(fingerprint: dict[str, Any]) -> str:
    return f"{fingerprint['detector']} {fingerprint['version']}"


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
