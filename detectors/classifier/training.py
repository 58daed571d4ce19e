"""Trains a detector: weights, calibration and model card from labelled texts.

`provenance train` runs it. The configuration names every data set that may be used, with its
licence; nothing else is read into the model. Same data, same configuration: same weights.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from detectors.calibrate import LENGTHS, CellRule, Scored, cells
from detectors.calibration import Calibration
from detectors.classifier.augment import window_of
from detectors.classifier.card import model_card
from detectors.classifier.examples import Allowed, Example
from detectors.classifier.kinds import Kind, Model, Progress, kind
from detectors.protocol import Detector

_MIN_WORDS: Final = 50  # of a text that is used; every trained detector abstains below
_MOST_WORDS: Final = 1300  # about what a detector reads of a text


@dataclass(frozen=True, slots=True)
class Config:
    """A training configuration.

    detector: a name of KINDS. folds: into how many the units are dealt, each held out of one model
    in turn; or what each fold holds: units and families of generators, other texts being held out
    never. max_per_group: texts of one source or generator that are used. fit: options of the kind.
    max_windows: of one source and label that are scored at a length to calibrate; None = all.
    """

    detector: str
    seed: int
    folds: int | Sequence[Sequence[str]]
    max_per_group: int
    allowed: Allowed
    fit: Any
    cell_rule: CellRule
    max_windows: int | None = None

    @property
    def kind(self) -> Kind:
        """What is trained."""
        return kind(self.detector)

    @property
    def n_steps(self) -> int:
        """Steps of a training: it fits one model per fold, and the one that ships."""
        n_folds = self.folds if isinstance(self.folds, int) else len(self.folds)
        return (n_folds + 1) * self.kind.n_steps(self.fit)


@dataclass(frozen=True, slots=True)
class Training:
    """The outcome of a training."""

    model: Model
    calibration: Calibration
    examples: tuple[Example, ...]


def select(examples: Iterable[Example], config: Config) -> list[Example]:
    """The examples that may be used, long enough, at most `max_per_group` of each group."""
    groups: dict[str, list[Example]] = {}
    for example in examples:
        if example in config.allowed:
            groups.setdefault(example.group, []).append(example)
    chosen: list[Example] = []
    for name, group in sorted(groups.items()):
        rng = random.Random(f"{config.seed}:{name}")
        long_enough = [one for one in group if len(one.text.split()) >= _MIN_WORDS]
        chosen += rng.sample(long_enough, min(len(long_enough), config.max_per_group))
    return chosen


def dealt(examples: Iterable[Example], *, n_folds: int) -> list[set[str]]:
    """The units of each fold.

    Units with machine texts and units without are dealt apart, largest first, to the emptiest fold.
    """
    n_texts: Counter[str] = Counter()
    n_ai: Counter[str] = Counter()
    for example in examples:
        n_texts[example.unit] += 1
        n_ai[example.unit] += example.is_ai
    filled = {True: [0] * n_folds, False: [0] * n_folds}
    folds: list[set[str]] = [set() for _ in range(n_folds)]
    for unit, size in sorted(n_texts.items(), key=lambda item: (-item[1], item[0])):
        of_kind = filled[n_ai[unit] > 0]
        fold = of_kind.index(min(of_kind))
        folds[fold].add(unit)
        of_kind[fold] += size
    return folds


def held_out_models(
    examples: Sequence[Example],
    config: Config,
    *,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[Any, list[Example]]]:
    """For each fold, a model trained without what it holds, and the examples that it holds."""
    given = config.folds
    folds = dealt(examples, n_folds=given) if isinstance(given, int) else map(set, given)
    for i, names in enumerate(folds):
        is_held = [one.unit in names or one.family in names for one in examples]
        kept = [one for one, held in zip(examples, is_held, strict=True) if not held]
        model = _fit(kept, config, f"fold{i}", checkpoints=checkpoints, progress=progress)
        yield model, [one for one, held in zip(examples, is_held, strict=True) if held]


def _fit(
    examples: Sequence[Example],
    config: Config,
    name: str,
    *,
    checkpoints: Path | None,
    progress: Progress | None,
) -> Any:
    return config.kind.fit(
        examples,
        config.fit,
        seed=config.seed,
        checkpoint=checkpoints and checkpoints / f"{config.detector}.{name}.checkpoint.npz",
        progress=progress or _nothing,
    )


def _nothing() -> None:
    pass


def scored_windows(
    examples: Sequence[Example], detector: Detector, *, seed: int, most: int | None = None
) -> Iterator[tuple[Example, Scored]]:
    """Scores of `windows`, where the detector reads as many tokens as the length has words."""
    of_lengths = windows(examples, seed=seed, most=most)
    for (low, high), filled in zip(LENGTHS, of_lengths, strict=True):
        scores = detector.score([window for _, window in filled])
        for (one, _), score in zip(filled, scores, strict=True):
            if score.value is not None and low <= score.n_tokens <= high:
                yield one, _scored(one, score.value, score.n_tokens)


def windows(
    examples: Sequence[Example], *, seed: int, most: int | None = None
) -> Iterator[list[tuple[Example, str]]]:
    """A window of each example that fills it, for each of LENGTHS in turn.

    most: windows of one source and label at a length; None = all.
    """
    rng = random.Random(seed)
    for low, high in LENGTHS:
        cut = [(one, _window(one.text, low, high, rng)) for one in examples]
        filled = [(one, window) for one, window in cut if window is not None]
        yield filled if most is None else _at_most(most, filled, rng=rng)


def _scored(one: Example, value: float, n_tokens: int) -> Scored:
    return Scored(value, n_tokens, one.language, one.unit, one.is_ai, one.source)


def _at_most(
    most: int, filled: Sequence[tuple[Example, str]], *, rng: random.Random
) -> list[tuple[Example, str]]:
    by_source: dict[tuple[str, bool], list[tuple[Example, str]]] = {}
    for item in filled:
        by_source.setdefault((item[0].source, item[0].is_ai), []).append(item)
    groups = [by_source[key] for key in sorted(by_source)]
    return [item for group in groups for item in rng.sample(group, min(len(group), most))]


def _window(text: str, low: int, high: int, rng: random.Random) -> str | None:
    n_words = len(text.split())
    shortest = math.ceil(1.05 * low)  # some words are no tokens
    if n_words < shortest:
        return None
    return window_of(text, rng.randint(shortest, min(high, n_words, _MOST_WORDS)), rng=rng)


def train(
    examples: Iterable[Example],
    config: Config,
    *,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
) -> Training:
    """The model trained on all examples, and its calibration on held-out scores.

    checkpoints: a folder in which a fit that takes long keeps where it is, and goes on from there.
    """
    chosen = select(examples, config)
    held_out = held_out_models(chosen, config, checkpoints=checkpoints, progress=progress)
    scored = [
        item
        for model, members in held_out
        for _, item in scored_windows(
            members,
            config.kind.detector(model),
            seed=config.seed,
            most=config.max_windows,
        )
    ]
    model = _fit(chosen, config, "all", checkpoints=checkpoints, progress=progress)
    calibration = Calibration(
        fingerprint=config.kind.detector(model).fingerprint,
        data_digest=digest(chosen),
        cells=cells(scored, rule=config.cell_rule),
    )
    return Training(model, calibration, tuple(chosen))


def digest(examples: Iterable[Example]) -> str:
    """SHA-256 over labels, sources and texts, hex: names the data a calibration was fitted on."""
    total = hashlib.sha256()
    for one in examples:
        total.update(f"{one.label}\0{one.group}\0{one.text}\0".encode("utf-8", "replace"))
    return total.hexdigest()


def write(training: Training, out: Path, config: Config) -> list[Path]:
    """Write weights (.npz), calibration (.calibration.json) and card (.md) into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    weights, calibration, card = (
        out / f"{config.detector}{suffix}" for suffix in (".npz", ".calibration.json", ".md")
    )
    with weights.open("wb") as file:
        training.model.save(file)
    training.calibration.save(calibration)
    text = model_card(
        training.examples, training.calibration, config.allowed, about=config.kind.about
    )
    card.write_text(text, encoding="utf-8")
    for checkpoint in out.glob(f"{config.detector}.*.checkpoint.npz"):
        checkpoint.unlink()
    return [weights, calibration, card]
