"""The groups that a bench reports apart.

Every dataset: all of it, then by generator, domain, language, attack and length. Last, where there
are several datasets, the same of all of them pooled: there file, domain and label go together, so
that a detector of any of them seems a detector of AI text.

A generator and an attack have machine texts alone. Beside a generator stand all human texts of the
dataset; beside an attack the human texts that went through it too, or where there are none, those
that went through none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.engines.bench.corpus import Corpus, Names, length_name
from provenance.engines.bench.layouts import NO_ATTACK

POOLED: Final = "pooled"
KINDS: Final = ("all", "generator", "domain", "language", "attack", "length")

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that are measured together. human, ai: numbers of texts of the corpus, ascending.

    humans: which human texts these are: of the "group", the "dataset", or "unattacked" ones.
    """

    dataset: str
    kind: str
    value: str
    humans: str
    human: NDArray[np.int64]
    ai: NDArray[np.int64]


def groups(corpus: Corpus) -> Iterator[Group]:
    """Every group, dataset by dataset, pooled last."""
    labelled = corpus.label >= 0
    datasets = corpus.dataset.within(labelled)
    for dataset in datasets:
        yield from _of_scope(corpus, dataset, labelled & corpus.dataset.where(dataset))
    if len(datasets) > 1:
        yield from _of_scope(corpus, POOLED, labelled)


def _of_scope(corpus: Corpus, dataset: str, scope: Mask) -> Iterator[Group]:
    human, ai = scope & (corpus.label == 0), scope & (corpus.label == 1)
    yield _group(dataset, "all", "", human, ai, humans="group")
    for value in corpus.generator.within(ai):
        of_value = ai & corpus.generator.where(value)
        yield _group(dataset, "generator", value, human, of_value, humans="dataset")
    for kind in ("domain", "language"):
        names: Names = getattr(corpus, kind)
        for value in names.within(scope):
            chosen = names.where(value)
            yield _group(dataset, kind, value, human & chosen, ai & chosen, humans="group")
    yield from _attacks(corpus, dataset, human, ai)
    for value in sorted(corpus.length.within(scope), key=_length_order):
        chosen = corpus.length.where(value)
        yield _group(dataset, "length", value, human & chosen, ai & chosen, humans="group")


def _attacks(corpus: Corpus, dataset: str, human: Mask, ai: Mask) -> Iterator[Group]:
    for value in corpus.attack.within(human | ai):
        chosen = corpus.attack.where(value)
        own = bool((human & chosen).any())
        beside = human & (chosen if own else corpus.attack.where(NO_ATTACK))
        named = "group" if own else "unattacked"
        yield _group(dataset, "attack", value, beside, ai & chosen, humans=named)


def _group(dataset: str, kind: str, value: str, human: Mask, ai: Mask, *, humans: str) -> Group:
    return Group(dataset, kind, value, humans, np.flatnonzero(human), np.flatnonzero(ai))


def _length_order(name: str) -> int:
    first = int(name.removeprefix("under ").split("-")[0].split(" ")[0])
    return 0 if name == length_name(0) else first
