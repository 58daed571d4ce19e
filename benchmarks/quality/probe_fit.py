"""The probe fitted on some of its texts, and asked about cut texts it has not seen.

Shared by `probe.py` (the weights that ship), `combined_probe.py` and `modern_probe.py` (held-out
models).
"""

from __future__ import annotations

import os
import random
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
from held_out import Asked, Judge, digest
from probe_states import StatesOfText

from detectors.classifier.examples import Example
from detectors.classifier.middle import MiddleStates
from detectors.classifier.named import NamedModel
from detectors.classifier.named_fitting import Labelled, NamedOptions, fit_named
from detectors.classifier.probe import MOST_TOKENS, Probe, form_of, installed_states, names_of
from detectors.classifier.weighting import group_weights

OPTIONS: Final = NamedOptions(l2=0.1, drift=0.3, typos=0.3)
CUTS: Final = 2  # beginnings of a text that are fitted on
SEED: Final = 20220101


def fit_probe(texts: Sequence[StatesOfText], options: NamedOptions = OPTIONS) -> NamedModel:
    """Weights fitted on beginnings of the texts, at random lengths."""
    rng = random.Random(SEED)
    chosen = [(one, k) for one in texts for k in _cuts(one, rng)]
    examples = [one.example for one, _ in chosen]
    is_ai = np.array([one.is_ai for one in examples])
    groups, datasets = [one.group for one in examples], [one.dataset for one in examples]
    units = [one.dataset if one.is_ai else one.source for one in examples]
    weights = group_weights(is_ai, groups, datasets, balance=options.balance)
    values = np.array([one.states[k] for one, k in chosen])
    unknown = np.full(values.shape[1], np.nan)
    mistyped = np.array(
        [unknown if one.mistyped is None or k != one.short else one.mistyped for one, k in chosen]
    )
    names = names_of(values.shape[1])
    return fit_named(names, Labelled(values, is_ai, units, weights, mistyped), options)


def _cuts(one: StatesOfText, rng: random.Random) -> set[int]:
    """CUTS beginnings, or as many as there are; the one that is known with typing errors too."""
    cuts = rng.sample(range(len(one.lengths)), min(CUTS, len(one.lengths)))
    return set(cuts) if one.mistyped is None else {one.short, *cuts[1:]}


class ProbePool:
    """Texts that the probe may be fitted on, and the mean states of those it is asked about."""

    def __init__(self, texts: Sequence[StatesOfText], asked: AskedStates) -> None:
        self._texts, self._asked = texts, asked

    def judge(self, is_kept: Callable[[Example], bool]) -> Judge:
        """The probe, fitted on the kept texts."""
        model = fit_probe([one for one in self._texts if is_kept(one.example)])
        return lambda asked: model.logits(self._asked.of(asked))


class AskedStates:
    """Mean states of texts that are asked about, each read once and kept in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def of(self, asked: Sequence[Asked]) -> np.ndarray:
        """Mean state of each text, float64 [n, D]; NaN for one that the probe does not score."""
        forms = [form_of(one.text) for one in asked]
        paths = [self._folder / f"{digest(form)}.npy" for form in forms]
        new = {path: form for path, form in zip(paths, forms, strict=True) if not path.exists()}
        if new:
            with ProcessPoolExecutor(mp_context=get_context("spawn")) as workers:
                deque(workers.map(_keep, new, new.values(), chunksize=16), maxlen=0)
        return np.array([np.load(path, allow_pickle=False) for path in paths], np.float64)


def _keep(path: Path, form: str) -> None:
    part = path.with_suffix(f".{os.getpid()}.tmp")
    with part.open("wb") as file:
        np.save(file, _mean_state(form).astype(np.float32))
    part.rename(path)


def _mean_state(form: str) -> np.ndarray:
    states = _states()
    ids = states.encode([form])[0][:MOST_TOKENS]
    if len(ids) < Probe.spec.min_tokens:
        return np.full(states.width, np.nan)
    return states.means(ids, [len(ids)])[0]


@cache
def _states() -> MiddleStates:
    return installed_states()
