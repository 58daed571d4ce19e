"""The models of a training's folds, kept in a folder: for every text one that never saw its unit.

    python benchmarks/quality/fold_models.py CONFIG --folds DIR --out detectors/classifier/weights

writes weights, calibration and card as `provenance train CONFIG` does, and keeps the models of the
folds for the benchmarks that ask them. A folder is for one version of data, code and configuration.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from corpora import labelled_sets

from detectors.calibrate import Scored, cells
from detectors.calibration import Calibration
from detectors.classifier.encoder import EncoderModel
from detectors.classifier.examples import Example
from detectors.classifier.linear import LinearModel
from detectors.classifier.named import NamedModel
from detectors.classifier.training import (
    Config,
    Training,
    dealt,
    digest,
    held_out_models,
    scored_windows,
    select,
    write,
)
from detectors.panel import DetectorStep
from detectors.registry import detector_class
from detectors.stylometry.profile import NAMES
from provenance.engines.train import load_config

LOADERS: Final[Mapping[str, Callable[[Path], Any]]] = {
    "linear": LinearModel.load,
    "stylometry": lambda path: NamedModel.load(path, names=NAMES),
    "encoder": EncoderModel.load,
}


class FoldModels:
    """The held-out models of a configuration, made where they are not in the folder yet."""

    def __init__(self, sets: Mapping[str, Sequence[Example]], config: Config, folder: Path) -> None:
        names = sorted(sets, key=lambda name: f"{name.replace('/', '.')}.jsonl.gz")
        self.config, self.folder = config, folder
        self.chosen = select((one for name in names for one in sets[name]), config)
        given = config.folds
        self._folds = (
            dealt(self.chosen, n_folds=given) if isinstance(given, int) else [*map(set, given)]
        )
        paths = [self._path(f"fold{k}") for k in range(len(self._folds))]
        if not all(path.exists() for path in paths):
            for path, (model, _) in zip(paths, held_out_models(self.chosen, config), strict=True):
                _save(model, path)
        made = config.kind.detector
        self._models = [made(LOADERS[config.detector](path)) for path in paths]
        self.shipped: Any = _shipped(config.detector)

    def _path(self, name: str) -> Path:
        return self.folder / f"{self.config.detector}.{name}.npz"

    def fold(self, one: Example) -> int | None:
        """The first fold that holds the text out; None: no model but the shipped one is for it."""
        holds = (k for k, f in enumerate(self._folds) if one.unit in f or one.family in f)
        return next(holds, None)

    def detector(self, one: Example) -> Any:
        """The model to ask about a text; the shipped one where no fold holds it out."""
        fold = self.fold(one)
        return self.shipped if fold is None else self._models[fold]

    def windows(self) -> list[Scored]:
        """What the shipped calibration is made of."""
        return [
            scored
            for k, detector in enumerate(self._models)
            for _, scored in scored_windows(
                [one for one in self.chosen if _is_held(one, self._folds[k])],
                detector,
                seed=self.config.seed,
                most=self.config.max_windows,
            )
        ]

    def scored(self, examples: Iterable[Example]) -> Iterator[tuple[Example, float, int]]:
        """Example, score and tokens of every text long enough, whole, fold by fold."""
        by_fold: dict[int, list[Example]] = {}
        for one in examples:
            fold = self.fold(one)
            by_fold.setdefault(-1 if fold is None else fold, []).append(one)
        for _, some in sorted(by_fold.items()):
            raw = DetectorStep(self.detector(some[0])).score([one.text for one in some])
            (of_all,) = raw.values()
            for one, value, n, why in zip(
                some, of_all.scores.tolist(), of_all.n_tokens.tolist(), of_all.reasons, strict=True
            ):
                if why is None:
                    yield one, value, n

    def training(self) -> Training:
        """Model, calibration and examples as `train` makes them."""
        path, config = self._path("all"), self.config
        if not path.exists():
            no_steps: Any = lambda: None  # noqa: E731
            model = config.kind.fit(
                self.chosen, config.fit, seed=config.seed, checkpoint=None, progress=no_steps
            )
            _save(model, path)
        model = LOADERS[config.detector](path)
        return Training(model, self.calibration(model), tuple(self.chosen))

    def calibration(self, model: Any) -> Calibration:
        """On held-out scores, for the model that ships."""
        fingerprint = self.config.kind.detector(model).fingerprint
        made = cells(self.windows(), rule=self.config.cell_rule)
        return Calibration(fingerprint, digest(self.chosen), made)


def _shipped(name: str) -> Any:
    cls: Any = detector_class(name)
    return cls()


def _is_held(one: Example, names: set[str]) -> bool:
    return one.unit in names or one.family in names


def _save(model: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        model.save(file)


def main() -> None:
    """Train, and keep what was held out."""
    parser = argparse.ArgumentParser(prog="fold_models.py")
    parser.add_argument("config", type=Path)
    parser.add_argument("--folds", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    config = load_config(asked.config)
    sets = dict(labelled_sets(Path(os.environ["PROVENANCE_DATA"])))
    for path in write(FoldModels(sets, config, asked.folds).training(), asked.out, config):
        print(path)


if __name__ == "__main__":
    main()
