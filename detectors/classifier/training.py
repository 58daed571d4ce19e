"""Trains the linear detector: weights, calibration and model card from labelled texts.

    python -m detectors.classifier.training CONFIG.yaml --data DIR --out DIR

DIR holds `*.jsonl.gz` (`examples.read_jsonl`). The configuration names every data set that may be
used, with its licence; nothing else is read into the model. Same data, same configuration: same
weights.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from detectors.calibrate import LENGTHS, CellRule, Scored, cells
from detectors.calibration import Calibration
from detectors.classifier.augment import augmented, window_of
from detectors.classifier.card import model_card
from detectors.classifier.examples import Allowed, Example, read_jsonl
from detectors.classifier.fitting import FitOptions, fit, group_weights
from detectors.classifier.linear import LinearDetector, LinearModel, text_features

_MIN_WORDS: Final = LinearDetector.spec.min_tokens
_MOST_WORDS: Final = 1300  # about what the detector reads of a text


@dataclass(frozen=True, slots=True)
class Config:
    """A training configuration. max_per_group: texts of one source or generator that are used."""

    seed: int
    folds: int
    max_per_group: int
    allowed: Allowed
    fit: FitOptions
    cell_rule: CellRule

    @classmethod
    def load(cls, path: Path) -> Config:
        """The configuration in a YAML file. Raises TypeError on an unknown key."""
        raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls(
            allowed=Allowed(**raw.pop("allowed")),
            fit=FitOptions(**raw.pop("fit")),
            cell_rule=CellRule(**raw.pop("cell_rule")),
            **raw,
        )


@dataclass(frozen=True, slots=True)
class Trained:
    """The outcome of a training."""

    model: LinearModel
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


def train_model(examples: Sequence[Example], config: Config) -> LinearModel:
    """A model fitted on one augmented window of each example."""
    rng = random.Random(config.seed)
    features = text_features([augmented(example.text, rng=rng) for example in examples])
    is_ai = np.array([example.is_ai for example in examples])
    groups = [example.group for example in examples]
    datasets = [example.dataset for example in examples]
    weights = group_weights(is_ai, groups, datasets, balance=config.fit.balance)
    return fit(features, is_ai, weights, config.fit)


def fold_of_unit(examples: Iterable[Example], *, n_folds: int) -> dict[str, int]:
    """The fold that holds each unit out.

    Units with machine texts and units without are dealt apart, largest first, to the emptiest fold.
    """
    n_texts: Counter[str] = Counter()
    n_ai: Counter[str] = Counter()
    for example in examples:
        n_texts[example.unit] += 1
        n_ai[example.unit] += example.is_ai
    filled = {True: [0] * n_folds, False: [0] * n_folds}
    folds: dict[str, int] = {}
    for unit, size in sorted(n_texts.items(), key=lambda item: (-item[1], item[0])):
        of_kind = filled[n_ai[unit] > 0]
        folds[unit] = of_kind.index(min(of_kind))
        of_kind[folds[unit]] += size
    return folds


def held_out_models(
    examples: Sequence[Example], config: Config
) -> Iterator[tuple[LinearModel, list[Example]]]:
    """For each fold, a model trained without its units, and the examples of those units."""
    folds = fold_of_unit(examples, n_folds=config.folds)
    for fold in range(config.folds):
        kept = [one for one in examples if folds[one.unit] != fold]
        yield train_model(kept, config), [one for one in examples if folds[one.unit] == fold]


def scored_windows(
    examples: Sequence[Example], detector: LinearDetector, *, seed: int
) -> Iterator[tuple[Example, Scored]]:
    """Scores of a window of each example at each calibrated length that it fills."""
    rng = random.Random(seed)
    for low, high in LENGTHS:
        windows = [(one, _window(one.text, low, high, rng)) for one in examples]
        filled = [(one, window) for one, window in windows if window is not None]
        values, n_tokens, _ = detector.score_many([window for _, window in filled])
        for (one, _), value, n in zip(filled, values.tolist(), n_tokens.tolist(), strict=True):
            if low <= n <= high:
                yield one, Scored(value, n, one.language, one.unit, one.is_ai, one.source)


def _window(text: str, low: int, high: int, rng: random.Random) -> str | None:
    n_words = len(text.split())
    shortest = math.ceil(1.05 * low)  # some words are no tokens
    if n_words < shortest:
        return None
    return window_of(text, rng.randint(shortest, min(high, n_words, _MOST_WORDS)), rng=rng)


def train(examples: Iterable[Example], config: Config) -> Trained:
    """The model trained on all examples, and its calibration on held-out scores."""
    chosen = select(examples, config)
    scored = [
        item
        for model, held_out in held_out_models(chosen, config)
        for _, item in scored_windows(held_out, LinearDetector(model), seed=config.seed)
    ]
    model = train_model(chosen, config)
    calibration = Calibration(
        fingerprint=LinearDetector(model).fingerprint,
        data_digest=digest(chosen),
        cells=cells(scored, rule=config.cell_rule),
    )
    return Trained(model, calibration, tuple(chosen))


def digest(examples: Iterable[Example]) -> str:
    """SHA-256 over labels, sources and texts, hex: names the data a calibration was fitted on."""
    total = hashlib.sha256()
    for one in examples:
        total.update(f"{one.label}\0{one.group}\0{one.text}\0".encode("utf-8", "replace"))
    return total.hexdigest()


def write(trained: Trained, out: Path, config: Config) -> None:
    """Write linear.npz, linear.calibration.json and linear.md into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / "linear.npz").open("wb") as file:
        trained.model.save(file)
    trained.calibration.save(out / "linear.calibration.json")
    card = model_card(trained.examples, trained.calibration, config.allowed)
    (out / "linear.md").write_text(card, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train as asked on the command line."""
    parser = argparse.ArgumentParser(prog="python -m detectors.classifier.training")
    parser.add_argument("config", type=Path, help="what to train on and how (YAML)")
    parser.add_argument("--data", type=Path, required=True, help="folder of *.jsonl.gz")
    parser.add_argument("--out", type=Path, required=True, help="folder for weights and card")
    asked = parser.parse_args(arguments)
    config = Config.load(asked.config)
    write(train(read_jsonl(asked.data), config), asked.out, config)


if __name__ == "__main__":
    main()
