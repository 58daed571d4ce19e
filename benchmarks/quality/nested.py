"""Options of a fit, chosen without the data set that the fitted model is asked about.

Leave-one-dataset-out inside leave-one-dataset-out: for the file that is judged, each of the other
files is held out in turn, and the options that rank these best are the ones its model is fitted by.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
from attacks import misspelling
from held_out import Asked, Pool, token_fit, token_profiles

from detectors.classifier.named import NamedModel
from detectors.classifier.named_fitting import NamedOptions
from detectors.kernels.profile import profiles
from detectors.measures import auroc, oracle_tpr

#: Options by file; under None, of a model that no file is kept from.
Choices = dict[str | None, NamedOptions]
#: A model fitted without some data sets.
Fit = Callable[[frozenset[str], NamedOptions], NamedModel]

#: Features of a file's texts, [n, F], and whether they are machine texts, [n].
Texts = tuple[np.ndarray, np.ndarray]

STYLE_GRID = tuple(
    NamedOptions(l2=1e-3, drift=drift, typos=typos)
    for drift in (0.0, 0.03, 0.1)
    for typos in (0.0, 0.3, 1.0, 3.0)
)
TOKEN_GRID = tuple(
    NamedOptions(l2=l2, drift=drift) for l2 in (0.03, 0.1, 0.3, 1.0, 3.0) for drift in (0.0, 0.03)
)


def choices(
    fit: Fit,
    trained_on: frozenset[str],
    texts: Mapping[str, Sequence[Texts]],
    grid: Sequence[NamedOptions],
) -> Choices:
    """The options for each file of `texts`.

    texts: each file's, as they are and as an attack leaves them, if one is to count as much.
    """
    model = cache(fit)

    def worth(options: NamedOptions, name: str | None) -> float:
        others = [other for other in texts if other != name]
        kept_out = {other: frozenset({other, name}) & trained_on for other in others}
        judged = [quality(model(kept_out[o], options).logits(values), is_ai)
                  for o in others for values, is_ai in texts[o]]  # fmt: skip
        return float(np.mean(judged))

    return {
        name: max(grid, key=lambda options, n=name: worth(options, n)) for name in (*texts, None)
    }


def quality(values: np.ndarray, is_ai: np.ndarray) -> float:
    """What options are chosen by: mean of AUROC, TPR at 5 % and TPR at 1 %."""
    human, ai = values[~is_ai], values[is_ai]
    return float(np.mean([auroc(human, ai), *(oracle_tpr(human, ai, r) for r in (0.05, 0.01))]))


def style_choices(asked: Mapping[str, Sequence[Asked]], pool: Pool) -> Choices:
    """The options of stylometry for each file; its machine texts as they are, and misspelled."""
    texts = {
        name: (_style_texts(some), _style_texts(some, misspelling)) for name, some in asked.items()
    }
    trained_on = frozenset(one.dataset for one in pool.examples)

    def fitted(without: frozenset[str], options: NamedOptions) -> NamedModel:
        return pool.style_model(lambda one: one.dataset not in without, options)

    return _said("stylometry", choices(fitted, trained_on, texts, STYLE_GRID))


def _style_texts(
    asked: Sequence[Asked], attack: Callable[[str, random.Random], str] | None = None
) -> Texts:
    texts = [
        attack(one.text, random.Random(one.text)) if attack and one.example.is_ai else one.text
        for one in asked
    ]
    return profiles(texts).values, _labels(asked)


def token_choices(asked: Mapping[str, Sequence[Asked]], fitting: Sequence[Asked]) -> Choices:
    """The options of the token profile for each file."""
    texts = {name: [(token_profiles(some), _labels(some))] for name, some in asked.items()}
    found = token_profiles(fitting)
    sets = np.array([one.example.dataset for one in fitting])

    def fitted(without: frozenset[str], options: NamedOptions) -> NamedModel:
        rows = np.flatnonzero(~np.isin(sets, sorted(without)))
        return token_fit([fitting[i].example for i in rows], found[rows], options)

    return _said("token profile", choices(fitted, frozenset(sets.tolist()), texts, TOKEN_GRID))


def _labels(asked: Sequence[Asked]) -> np.ndarray:
    return np.array([one.example.is_ai for one in asked])


def _said(what: str, chosen: Choices) -> Choices:
    for name, options in chosen.items():
        print(f"{what} for {name or 'a model without held-out file'}: {options}", flush=True)
    return chosen
