"""Windows for a step of training: of one length, labels even, hard human texts more often.

Every window of a step has the same number of tokens, drawn without regard to labels: length says
nothing and nothing is padded. A step's draws depend on the seed and its number alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from detectors.classifier.augment import roughened, window_of
from detectors.classifier.examples import Example
from detectors.classifier.weighting import Vector, group_weights, harder

_MOST_DRAWS: Final = 20  # for one window, before a text with too few tokens is taken as it is

Rows: TypeAlias = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class DrawOptions:
    """How windows are drawn.

    lengths: of windows, tokens; one is drawn per step. batch_tokens: of a step. paired: how many
    times a data set of both labels counts. balance, hard_*: as of the linear model; hard human
    texts are chosen anew every `hard_every` steps, by their last logits.
    """

    lengths: Sequence[int] = (64, 96, 128, 192, 256)
    batch_tokens: int = 6144
    balance: float = 0.5
    paired: float = 3.0
    hard_quantile: float = 0.95
    hard_factor: float = 3.0
    hard_every: int = 100


class Draws:
    """Draws the windows of a step. `scores` remembers each text's last logit, NaN before it."""

    def __init__(
        self,
        examples: Sequence[Example],
        read: Callable[[str], Rows],
        options: DrawOptions,
        *,
        seed: int,
    ) -> None:
        """read: a text's tokens, int32 [n, ...]."""
        self._examples, self._read, self._options, self._seed = examples, read, options, seed
        self._is_ai = np.array([one.is_ai for one in examples])
        self._n_words = np.array([len(one.text.split()) for one in examples])
        self._base = _weights(examples, self._is_ai, options)
        self.weights = self._base
        self.scores = np.full(len(examples), np.nan)

    def find_hard(self) -> None:
        """Weigh up the human texts whose last logit was highest."""
        scores = np.where(np.isnan(self.scores), -np.inf, self.scores)
        self.weights = harder(
            scores,
            self._is_ai,
            self._base,
            quantile=self._options.hard_quantile,
            factor=self._options.hard_factor,
        )

    def batch(self, step: int) -> tuple[NDArray[np.int64], Rows, NDArray[np.bool_]]:
        """Positions of texts [B], their rows [B, T, ...], and whether each is of a machine."""
        rng = random.Random(f"{self._seed}:{step}")
        length = rng.choice(self._options.lengths)
        pairs = max(1, self._options.batch_tokens // length // 2)
        chosen: list[int] = []
        rows: list[Rows] = []
        for is_ai in (False, True):
            places = np.flatnonzero((self._is_ai == is_ai) & (self._n_words >= length))
            bounds = np.cumsum(self.weights[places])
            for _ in range(pairs):
                place, window = self._window(places, bounds, length, rng)
                chosen.append(place)
                rows.append(window)
        return np.array(chosen), np.stack(rows), self._is_ai[chosen]

    def _window(
        self,
        places: NDArray[np.int64],
        bounds: NDArray[np.float64],
        length: int,
        rng: random.Random,
    ) -> tuple[int, Rows]:
        for _ in range(_MOST_DRAWS):
            at = np.searchsorted(bounds, rng.random() * bounds[-1], side="right")
            place = int(places[min(int(at), len(places) - 1)])
            text = roughened(window_of(self._examples[place].text, length, rng=rng), rng=rng)
            rows = self._read(text)
            if len(rows) >= length:
                return place, rows[:length]
        raise ValueError(f"no text of {length} tokens after {_MOST_DRAWS} draws")


def _weights(examples: Sequence[Example], is_ai: NDArray[np.bool_], options: DrawOptions) -> Vector:
    datasets = [one.dataset for one in examples]
    groups = [one.group for one in examples]
    weights = group_weights(is_ai, groups, datasets, balance=options.balance)
    human = {one.dataset for one in examples if not one.is_ai}
    paired = human & {one.dataset for one in examples if one.is_ai}
    weights[[name in paired for name in datasets]] *= options.paired
    for label in (False, True):
        weights[is_ai == label] *= 0.5 / weights[is_ai == label].sum()
    return weights
