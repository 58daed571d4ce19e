"""A probe with random weights over both layers of the tiny llama, which reads bytes."""

from __future__ import annotations

from typing import Final

import numpy as np
import tiny_models

from detectors.classifier.middle import MiddleStates
from detectors.classifier.named import NamedModel
from detectors.classifier.probe import Probe, names_of

LAYERS: Final = (1, 2)
WIDTH: Final = 64  # of both layers


def states() -> MiddleStates:
    return MiddleStates(tiny_models.llama(), tiny_models.tokenizer(), layers=LAYERS)


def weights(*, seed: int = 0) -> NamedModel:
    rng = np.random.default_rng(seed)
    return NamedModel(names_of(WIDTH), np.zeros(WIDTH), np.ones(WIDTH), rng.normal(size=WIDTH), 0.5)


def probe() -> Probe:
    return Probe(weights(), states=states())
