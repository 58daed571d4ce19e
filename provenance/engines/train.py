"""Trains a detector as a configuration file says; the request is checked whole before it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from pydantic import TypeAdapter, ValidationError

from detectors.calibration import Calibration
from detectors.classifier.examples import Example, read_jsonl
from detectors.classifier.kinds import KINDS, kind
from detectors.classifier.training import Config, select, train, write
from provenance.errors import InputError, Problem, RequestError, nearest
from provenance.policy import document as yaml_document
from provenance.policy.document import Document

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TrainResult:
    """A trained detector: the files written, and its calibration."""

    detector: str
    weights: Path
    calibration_file: Path
    card: Path
    calibration: Calibration
    n_human: int
    n_ai: int

    def text(self) -> str:
        """What was made, for a terminal."""
        cells = self.calibration.cells
        return (
            f"trained {self.detector} on {self.n_human} human and {self.n_ai} machine texts\n"
            f"calibrated in {len(cells)} cells, {sum(cell.n_human for cell in cells)} human texts\n"
            f"wrote {self.weights}, {self.calibration_file.name}, {self.card.name}"
        )


def load_config(path: Path | str) -> Config:
    """The configuration in a YAML file. Raises RequestError with every problem in it."""
    name = str(path)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(Problem(name, f"cannot be read: {error}")) from error
    document = yaml_document.read(text)
    problems = [Problem(f"{name}:{fault.line}", fault.what) for fault in document.faults]
    config = None if problems else _Builder(name, document, problems).config()
    if problems or config is None:
        raise RequestError(problems)
    return config


def train_detector(
    config: Config, *, data: Path | str, out: Path | str, progress: Callable[[], None]
) -> TrainResult:
    """Train, and write weights, calibration and model card into `out`.

    data: a folder of `*.jsonl.gz`. progress: called after each of `config.n_steps`. A training that
    was interrupted goes on when it is asked for again. Raises InputError.
    """
    examples = _examples(Path(data), config)
    Path(out).mkdir(parents=True, exist_ok=True)
    training = train(examples, config, checkpoints=Path(out), progress=progress)
    weights, calibration, card = write(training, Path(out), config)
    n_ai = sum(one.is_ai for one in training.examples)
    return TrainResult(
        config.detector,
        weights,
        calibration,
        card,
        training.calibration,
        len(training.examples) - n_ai,
        n_ai,
    )


def _examples(data: Path, config: Config) -> list[Example]:
    if not data.is_dir():
        raise InputError(Problem("--data", f"no folder {str(data)!r}"))
    try:
        chosen = select(read_jsonl(data), config)
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise InputError(Problem(str(data), f"no labelled texts: {error!r}")) from error
    found = {one.dataset for one in chosen}
    problems = [
        Problem(str(data), f"holds no text of {name!r} that the configuration allows")
        for name in config.allowed.licences
        if name not in found
    ]
    problems += [
        Problem(str(data), f"holds no {label} text that the configuration allows")
        for label in ("human", "ai")
        if not any(one.label == label for one in chosen)
    ]
    problems += _fold_problems(chosen, config)
    if problems:
        raise InputError(problems)
    return chosen


def _fold_problems(chosen: list[Example], config: Config) -> Iterator[Problem]:
    names = {one.unit for one in chosen} | {one.family for one in chosen}
    for i, fold in enumerate([] if isinstance(config.folds, int) else config.folds, start=1):
        for name in sorted(set(fold) - names):
            what = f"{name!r} of a fold is in no text"
            yield Problem("folds", what, suggestion=nearest(name, names))
        left = {one.label for one in chosen if one.unit not in fold and one.family not in fold}
        for label in sorted({"human", "ai"} - left):
            yield Problem("folds", f"fold {i} leaves no {label} text to train on")


class _Builder:
    """Builds the configuration out of plain values, and gathers every problem."""

    def __init__(self, name: str, document: Document, problems: list[Problem]) -> None:
        self._name, self._document, self._problems = name, document, problems

    def config(self) -> Config | None:
        root = self._document.root
        detector = root.get("detector") if isinstance(root, dict) else None
        if not isinstance(detector, str) or detector not in KINDS:
            self._fault(
                ("detector",),
                f"detector is {detector!r}",
                accepted=", ".join(KINDS),
                suggestion=nearest(str(detector), KINDS),
            )
            return None
        return self._build(Config, root, (), {"fit": kind(detector).options})

    def _build(
        self, cls: type[T], raw: Any, path: tuple[str, ...], hints: dict[str, Any] | None = None
    ) -> T | None:
        if not isinstance(raw, dict):
            self._fault(path, f"{'.'.join(path)} must be a mapping")
            return None
        types = get_type_hints(cls) | (hints or {})
        names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
        before = len(self._problems)
        for key in raw.keys() - set(names):
            self._fault(
                (*path, str(key)),
                f"unknown key {key!r}",
                accepted=", ".join(names),
                suggestion=nearest(str(key), names),
            )
        for missing in _required(cls) - raw.keys():
            self._fault(path, f"lacks the key {'.'.join((*path, missing))!r}")
        built = {
            key: self._value(types[key], raw[key], (*path, key)) for key in names if key in raw
        }
        if len(self._problems) > before:
            return None
        try:
            return cls(**built)
        except ValueError as error:  # values that do not go together
            self._fault(path, f"{'.'.join(path)}: {error}")
            return None

    def _value(self, kind: Any, value: Any, path: tuple[str, ...]) -> Any:
        if is_dataclass(kind):
            return self._build(kind, value, path)  # type: ignore[arg-type]
        try:
            return TypeAdapter(kind).validate_python(value, strict=not _is_number(kind))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]["msg"]
            rule = first.replace("Input should be", "it must be")
            self._fault(path, f"{'.'.join(path)} is {value!r}: {rule}")
            return None

    def _fault(self, path: tuple[str, ...], what: str, **hints: Any) -> None:
        where = f"{self._name}:{self._document.line(path)}"
        self._problems.append(Problem(where, what, **hints))


def _required(cls: Any) -> set[str]:
    return {
        field.name
        for field in fields(cls)
        if field.default is MISSING and field.default_factory is MISSING
    }


def _is_number(kind: Any) -> bool:
    return kind is float  # YAML writes 1e-3 as text and 1 as a whole number
