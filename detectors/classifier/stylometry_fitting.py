"""Trains the stylometry detector."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from detectors.classifier import about
from detectors.classifier.augment import augmented
from detectors.classifier.examples import Example
from detectors.classifier.kinds import Kind, Progress
from detectors.classifier.named import NamedModel
from detectors.classifier.named_fitting import Labelled, NamedOptions, fit_named
from detectors.classifier.weighting import group_weights
from detectors.kernels.profile import profiles
from detectors.stylometry.detector import Stylometry
from detectors.stylometry.profile import NAMES


def train_stylometry(
    examples: Sequence[Example],
    options: NamedOptions,
    *,
    seed: int,
    checkpoint: Path | None = None,  # noqa: ARG001
    progress: Progress,
) -> NamedModel:
    """A model fitted on one augmented window of each example: one step, too short to keep."""
    rng = random.Random(seed)
    values = profiles([augmented(example.text, rng=rng) for example in examples]).values
    is_ai = np.array([example.is_ai for example in examples])
    groups = [example.group for example in examples]
    datasets = [example.dataset for example in examples]
    weights = group_weights(is_ai, groups, datasets, balance=options.balance)
    units = [example.dataset if example.is_ai else example.source for example in examples]
    model = fit_named(NAMES, Labelled(values, is_ai, units, weights), options)
    progress()
    return model


KIND: Final = Kind(NamedOptions, train_stylometry, Stylometry, lambda _: 1, about.STYLOMETRY)
