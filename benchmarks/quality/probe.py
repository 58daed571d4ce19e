"""Fits the shipped probe on texts whose mean states are there, calibrates it, and writes its card.

    python benchmarks/quality/probe_states.py STATES
    python benchmarks/quality/probe.py STATES detectors/classifier/weights

Same parts, same weights. The calibration is made of held-out scores: of eight models, each fitted
without an eighth of the units (sources of human text, and labelled sets), and of one beginning of
each text at each calibrated length.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from held_out import HERE
from probe_fit import SEED, fit_probe
from probe_states import StatesOfText, read

from detectors.calibrate import LENGTHS, Scored, cells
from detectors.calibration import Calibration
from detectors.classifier.about import PROBE
from detectors.classifier.card import model_card
from detectors.classifier.named import NamedModel
from detectors.classifier.probe import Probe, installed_states
from detectors.classifier.training import dealt, digest
from provenance.engines.train import load_config

N_FOLDS: Final = 8


def held_out_models(texts: Sequence[StatesOfText]) -> Iterator[tuple[NamedModel, set[str]]]:
    """For each fold a model, and the units that it has not seen."""
    for units in dealt([one.example for one in texts], n_folds=N_FOLDS):
        yield fit_probe([one for one in texts if one.example.unit not in units]), units


def beginnings(texts: Sequence[StatesOfText]) -> Iterator[tuple[StatesOfText, int]]:
    """One beginning of each text, at random, of each calibrated length that it reaches."""
    rng = random.Random(SEED)
    for one in texts:
        for low, high in LENGTHS:
            reached = [k for k, n in enumerate(one.lengths) if low <= n <= high]
            if reached:
                yield one, rng.choice(reached)


def held_out_scores(texts: Sequence[StatesOfText]) -> Iterator[tuple[StatesOfText, int, float]]:
    """Beginnings of every text, and their scores by a model that never saw its unit."""
    for model, units in held_out_models(texts):
        for one, k in beginnings([one for one in texts if one.example.unit in units]):
            yield one, k, float(model.logits(one.states[k : k + 1])[0])


def scored(texts: Sequence[StatesOfText]) -> Iterator[Scored]:
    """What the calibration is made of."""
    for one, k, value in held_out_scores(texts):
        example = one.example
        yield Scored(
            value, one.lengths[k], example.language, example.unit, example.is_ai, example.source
        )


def main() -> None:
    """Fit, calibrate, and write weights, calibration and card."""
    parser = argparse.ArgumentParser(prog="probe.py")
    parser.add_argument("states", type=Path, help="folder of parts of probe_states.py")
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    config: Any = load_config(HERE / "linear.yaml")
    texts = read(given.states)
    examples = [one.example for one in texts]
    model = fit_probe(texts)
    calibration = Calibration(
        Probe(model, states=installed_states()).fingerprint,
        digest(examples),
        cells(scored(texts), rule=config.cell_rule),
    )
    with (given.out / "probe.npz").open("wb") as file:
        model.save(file)
    calibration.save(given.out / "probe.calibration.json")
    card = model_card(examples, calibration, config.allowed, about=PROBE)
    (given.out / "probe.md").write_text(card, encoding="utf-8")
    for cell in calibration.cells:
        print(cell.name, cell.n_human, len(cell.sources), cell.n_ai, cell.tails[0])


if __name__ == "__main__":
    main()
