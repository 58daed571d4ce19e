"""Leave-one-out: what is fitted on labelled texts, fitted again without the group it is judged on.

What is fitted again is, for each detector, its calibration (thresholds and log-likelihood ratios
per language and length), and with several detectors their fusion. The detectors themselves are not:
where their weights saw the texts, that remains.

    generator   texts of it, and all human texts, each judged without the generator, and without
                the half of the human texts that it is in; texts made of each other share a half
    domain      its texts, judged without them and without any text made of one of them
    dataset     the same
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from detectors import fusion
from detectors.calibrate import CellRule, Scored, cells
from detectors.calibration import Calibration, Fingerprint
from provenance.engines.bench.corpus import Corpus, Names
from provenance.engines.bench.groups import Group
from provenance.engines.bench.readings import Member, Readings, flags, read_fused
from provenance.engines.bench.results import FUSED, UNREAD, Question, Ranked, Row, measured
from provenance.engines.bench.scoring import Scores

By: TypeAlias = Literal["generator", "domain", "dataset"]
KINDS: Final[tuple[By, ...]] = ("generator", "domain", "dataset")

HALVES: Final = 2

#: What a cell needs here. A source is a domain of a dataset, or a generator of one.
RULE: Final = CellRule(min_human=100, min_sources=1, min_ai=50)
#: Texts of a source, language and length that are fitted on; more are left out by a seeded draw.
_MOST_PER_SOURCE: Final = 500

Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """Numbers of the texts that are judged, and of those that are fitted on for it."""

    judged: Index
    fitted: Index


def parts(corpus: Corpus, by: By, value: str) -> Iterator[Part]:
    """The parts in which the group is judged. No text, and no unit, is in both sides of one."""
    names: Names = getattr(corpus, by)
    labelled, inside = corpus.label >= 0, names.where(value)
    if by != "generator":
        judged = labelled & inside
        yield _part(corpus, judged, labelled & ~inside)
        return
    for half in range(HALVES):
        in_half = corpus.unit % HALVES == half
        judged = labelled & in_half & (inside | (corpus.label == 0))
        yield _part(corpus, judged, labelled & ~in_half & ~inside)


def _part(corpus: Corpus, judged: NDArray[np.bool_], fitted: NDArray[np.bool_]) -> Part:
    alike = np.isin(corpus.unit, corpus.unit[judged])
    return Part(np.flatnonzero(judged), np.flatnonzero(fitted & ~alike))


@dataclass(frozen=True, slots=True)
class Entrant:
    """A detector's name and scores."""

    name: str
    scores: Scores


def rows(
    corpus: Corpus,
    groups: Sequence[Group],
    entrants: Sequence[Entrant],
    question: Question,
    by: By,
) -> Iterator[Row]:
    """Rows of the groups of the kind, as `results.rows` has them, all of ratios fitted without it.

    auroc and oracle are of the log-likelihood ratio. Texts without one are UNREAD. A further row
    has FUSED as the detector where there are several.
    """
    kind = "all" if by == "dataset" else by
    fitter = _Fitter(corpus, entrants, question, by)
    for value in getattr(corpus, by).within(
        corpus.label == 1 if by == "generator" else corpus.label >= 0
    ):
        found = fitter.readings(parts(corpus, by, value))
        for group in groups:
            if group.kind == kind and (group.dataset if by == "dataset" else group.value) == value:
                for name, readings in found.items():
                    yield _row(group, name, readings, question)


def _row(group: Group, name: str, readings: Readings, question: Question) -> Row:
    human, ai = readings.llr[group.human], readings.llr[group.ai]
    unread = int(np.isnan(human).sum() + np.isnan(ai).sum())
    ranked = Ranked(human, ai, {UNREAD: unread} if unread else {})
    return measured(group, name, ranked, readings, question)


class _Fitter:
    """Fits calibrations, and their fusion, on one side of a part, and reads the other."""

    def __init__(
        self, corpus: Corpus, entrants: Sequence[Entrant], question: Question, by: By
    ) -> None:
        self._corpus, self._question = corpus, question
        self._names = [one.name for one in entrants]
        self._values = [one.scores.value[corpus.text] for one in entrants]
        self._n_tokens = [one.scores.n_tokens[corpus.text] for one in entrants]
        self._source = _sources(corpus)
        # Without a generator the humans are of the kinds that are judged, and one reference; where
        # their domain or dataset is left out, the worst of the others stands for it.
        self._tail_of = "all" if by == "generator" else ""
        self._order = np.random.default_rng(question.seed).permutation(len(corpus.label))

    def readings(self, given: Iterator[Part]) -> dict[str, Readings]:
        """Of each detector, and FUSED; texts that no part judges have none."""
        names = [*self._names, FUSED] if len(self._names) > 1 else self._names
        n, rates = len(self._corpus.label), self._question.rates
        found = {name: Readings.none(n, rates) for name in names}
        for part in given:
            calibrations = [self._fit(k, part.fitted) for k in range(len(self._names))]
            for k, name in enumerate(self._names):
                found[name].put(part.judged, self._read(k, calibrations[k]))
            if len(self._names) > 1:
                self._fuse(part, calibrations, found[FUSED])
        return found

    def _fit(self, k: int, fitted: Index) -> Calibration:
        """The calibration of detector k on the fitted texts."""
        known = fitted[np.isfinite(self._values[k][fitted])]
        chosen = self._limited(known)
        scored = map(
            Scored,
            self._values[k][chosen].tolist(),
            self._n_tokens[k][chosen].tolist(),
            self._languages(chosen),
            self._source[chosen].tolist(),
            (self._corpus.label[chosen] == 1).tolist(),
            repeat(self._tail_of),
        )
        fingerprint = Fingerprint(self._names[k], "", "", "", "")
        return Calibration(fingerprint, "", cells(scored, rule=RULE))

    def _read(self, k: int, calibration: Calibration) -> Readings:
        return flags(calibration, self._corpus, self._values[k], self._n_tokens[k],
                     self._question.rates)  # fmt: skip

    def _fuse(self, part: Part, calibrations: Sequence[Calibration], into: Readings) -> None:
        """Fuse ratios on which the fusion was fitted across the halves of the fitted texts."""
        fitted = self._limited(part.fitted)
        llrs = np.full((len(self._values[0]), len(self._names)), np.nan)
        for half in range(HALVES):
            in_half = self._corpus.unit[fitted] // HALVES % HALVES == half
            for k in range(len(self._names)):
                across = self._fit(k, fitted[~in_half])
                llrs[fitted[in_half], k] = self._read(k, across).llr[fitted[in_half]]
        fused = fusion.fit(
            llrs[fitted], self._corpus.label[fitted] == 1, self._source[fitted].tolist(),
            self._names, rule=RULE,
        )  # fmt: skip
        members = [
            Member(*one) for one in zip(calibrations, self._values, self._n_tokens, strict=True)
        ]
        rates = self._question.rates
        into.put(part.judged, read_fused(fused, members, self._corpus, part.judged, rates))

    def _languages(self, chosen: Index) -> list[str]:
        names = self._corpus.language.names
        return [names[code] for code in self._corpus.language.codes[chosen].tolist()]

    def _limited(self, chosen: Index) -> Index:
        """At most _MOST_PER_SOURCE of each source, language and length; seeded, ascending."""
        keys = np.stack([
            self._source[chosen], self._corpus.language.codes[chosen],
            self._corpus.length.codes[chosen],
        ])  # fmt: skip
        _, group = np.unique(keys, axis=1, return_inverse=True)
        group = group.ravel()
        order = np.lexsort((self._order[chosen], group))
        place = _places_in_runs(group[order])
        return np.sort(chosen[order[place < _MOST_PER_SOURCE]])


def _places_in_runs(ordered: Index) -> Index:
    """0, 1, ... within each run of equal numbers."""
    everywhere = np.arange(len(ordered))
    is_first = np.r_[True, ordered[1:] != ordered[:-1]][: len(ordered)]
    return everywhere - np.maximum.accumulate(np.where(is_first, everywhere, 0))


def _sources(corpus: Corpus) -> NDArray[np.str_]:
    """The unit of dependence of each text: a domain of a dataset, or a generator of one."""
    is_ai = corpus.label == 1
    inner = np.where(is_ai, corpus.generator.codes, corpus.domain.codes)
    keys = np.stack([is_ai, corpus.dataset.codes, inner])
    _, numbers = np.unique(keys, axis=1, return_inverse=True)
    return np.array([f"{number}" for number in numbers.ravel().tolist()])


def statement(by: By, entrants: Sequence[Entrant]) -> str:
    """What was fitted again, in a sentence or two."""
    names = ", ".join(one.name for one in entrants)
    fused = ", and their fusion," if len(entrants) > 1 else ""
    halves = " and without the half of the human texts that is judged" * (by == "generator")
    return (
        f"Fitted again for every {by}, without its texts{halves}: thresholds and log-likelihood"
        f" ratios per language and length of {names}{fused} on the other texts of this bench. The"
        " weights of the detectors were not: they may have seen any of the texts."
    )
