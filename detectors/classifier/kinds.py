"""The kinds of detector that can be trained, by name; listing them loads nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from detectors.classifier.about import About
from detectors.classifier.examples import Example

KINDS: Final[Mapping[str, str]] = {
    "linear": "detectors.classifier.linear_fitting:KIND",
    "stylometry": "detectors.classifier.stylometry_fitting:KIND",
    "encoder": "detectors.classifier.encoder_fitting:KIND",
}


class Progress(Protocol):
    """Called after every step of a fit."""

    def __call__(self) -> None: ...


class Model(Protocol):
    """Weights."""

    def save(self, file: BinaryIO) -> None: ...

    def digest(self) -> str: ...


class Fit(Protocol):
    """Examples and options in, weights out; the same ones for the same seed."""

    def __call__(
        self,
        examples: Sequence[Example],
        options: Any,
        *,
        seed: int,
        checkpoint: Path | None,
        progress: Progress,
    ) -> Any:
        """checkpoint: a file that a long fit goes on from, and keeps where it is."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of detector.

    options: a dataclass. detector: of weights, with the `fingerprint` that a calibration is made
    for. n_steps: of a fit with such options. about: for the model card.
    """

    options: type[Any]
    fit: Fit
    detector: Callable[[Any], Any]
    n_steps: Callable[[Any], int]
    about: About


def kind(name: str) -> Kind:
    """The kind of a name of KINDS."""
    module, _, attribute = KINDS[name].partition(":")
    found: Kind = getattr(import_module(module), attribute)
    return found
