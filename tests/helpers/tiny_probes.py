"""A probe with random weights over both layers of the tiny llama, which reads bytes."""

from __future__ import annotations

from typing import Final

import numpy as np
import tiny_models
import torch

from detectors.classifier.middle import MiddleStates
from detectors.classifier.named import NamedModel
from detectors.classifier.probe import Probe, names_of

LAYERS: Final = (1, 2)
WIDTH: Final = 64  # of both layers


def states() -> MiddleStates:
    """Of a model whose last norm weighs; the mean states must not show it."""
    model = tiny_models.llama()
    with torch.no_grad():
        model.base_model.norm.weight.copy_(torch.linspace(0.5, 2.0, WIDTH // len(LAYERS)))
    return MiddleStates(model, tiny_models.tokenizer(), layers=LAYERS)


def weights(*, seed: int = 0) -> NamedModel:
    rng = np.random.default_rng(seed)
    return NamedModel(names_of(WIDTH), np.zeros(WIDTH), np.ones(WIDTH), rng.normal(size=WIDTH), 0.5)


def probe() -> Probe:
    return Probe(weights(), states=states())
