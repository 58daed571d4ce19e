"""Trains the stylometry detector."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from detectors.classifier import about
from detectors.classifier.augment import random_window, roughened, with_typos
from detectors.classifier.examples import Example
from detectors.classifier.kinds import Kind, Progress
from detectors.classifier.named import NamedModel, Vector
from detectors.classifier.named_fitting import Labelled, NamedOptions, fit_named
from detectors.classifier.weighting import group_weights
from detectors.kernels.profile import profiles
from detectors.stylometry.detector import Stylometry
from detectors.stylometry.profile import NAMES

_MISTYPED_WORDS: Final = 0.2  # share of words in the texts that show what typing errors change


def train_stylometry(
    examples: Sequence[Example],
    options: NamedOptions,
    *,
    seed: int,
    checkpoint: Path | None = None,  # noqa: ARG001
    progress: Progress,
) -> NamedModel:
    """A model fitted on one window of each example: one step, too short to keep."""
    values, mistyped = training_profiles([one.text for one in examples], rng=random.Random(seed))
    is_ai = np.array([example.is_ai for example in examples])
    groups = [example.group for example in examples]
    datasets = [example.dataset for example in examples]
    weights = group_weights(is_ai, groups, datasets, balance=options.balance)
    units = [example.dataset if example.is_ai else example.source for example in examples]
    model = fit_named(NAMES, Labelled(values, is_ai, units, weights, mistyped), options)
    progress()
    return model


def training_profiles(texts: Sequence[str], *, rng: random.Random) -> tuple[Vector, Vector]:
    """Features of a roughened window of each text, and of it with typing errors; [n, F] each."""
    windows = [roughened(random_window(text, rng=rng), rng=rng) for text in texts]
    mistyped = [with_typos(window, rng=rng, share=_MISTYPED_WORDS) for window in windows]
    return profiles(windows).values, profiles(mistyped).values


KIND: Final = Kind(NamedOptions, train_stylometry, Stylometry, lambda _: 1, about.STYLOMETRY)
