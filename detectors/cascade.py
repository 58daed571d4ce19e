"""A panel of detectors asked in order of cost, each text only as long as an answer can matter.

What a text's joint reading may still become, whatever the detectors not yet asked say, is its
`Reach`: their ratios and p values are bounded by what their calibrations support, and a fusion is
monotone, so its ends are found by letting them all say the least, and the most, for every set of
them that may answer. Whoever decides says of each text whether all of its reach comes to the same;
then it leaves, with the reason NOT_NEEDED for each detector that it was spared. A text in a
language that none of a step's calibrations knows never meets that step: nobody could say what the
score means, and half of a crawl is in such languages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from detectors.calibration import Calibration, Readings
from detectors.fusion import Fused, Fusion, patterns
from detectors.panel import Panel, Raw, Step, cost_seconds
from detectors.protocol import NOT_CALIBRATED, NOT_NEEDED

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]
Rows = NDArray[np.int64]

#: A step cheaper than this is always taken. (To ask whether it is needed costs 40 microseconds; but
#: what has spared documents serves fewer policies later.)
CHEAP_SECONDS: Final = 1e-3
#: With more detectors left than this nobody asks: the sets of them that may answer are too many.
MOST_LEFT: Final = 8


@dataclass(frozen=True, slots=True)
class Reach:
    """The least and the most that the joint reading of n texts may become: float64 [n] each.

    llr, human_tail: (least, most), NaN where no detector can answer. interval: within which both
    bounds of the ratio stay. may_be_null: bool [n], whether every detector may abstain.
    """

    llr: tuple[Float64, Float64]
    interval: tuple[Float64, Float64]
    human_tail: tuple[Float64, Float64]
    may_be_null: Bool

    @property
    def may_be_given(self) -> Bool:
        """Whether any detector may answer, or has."""
        return np.isfinite(self.llr[0])


#: Of n texts, whether everything within their reach comes to the same: bool [n].
Settled: TypeAlias = Callable[[Reach], Bool]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a panel found in n texts: raw scores by detector, and their joint reading.

    reasons: by detector, why it gave no score or its score no reading: [n], None = it did.
    """

    raws: Mapping[str, Raw]
    reasons: Mapping[str, list[str | None]]
    fused: Fused


def judge(
    panel: Panel,
    fusion: Fusion,
    texts: Sequence[str],
    languages: Sequence[str],
    *,
    settled: Settled | None = None,
) -> Judged:
    """What `panel` finds in the texts; languages: ISO 639-1, [n]. fusion: of the panel's names.

    settled: who decides; without, every text in a calibrated language goes through every step. A
    step without any calibration is always taken: it is there for its scores.
    """
    answers = Answers.of(panel.names, len(texts))
    for place, step in enumerate(panel.steps):
        is_asked = _may_be_read(panel, step, languages)
        answers.leave_out(step, np.flatnonzero(~is_asked))
        if settled is not None and _may_be_spared(panel, step) and is_asked.any():
            reach = answers.reach(fusion, panel, panel.steps[place:], languages)
            is_asked &= ~settled(reach) if reach else True
        rows: Rows = np.flatnonzero(is_asked)
        asked = step.score([texts[row] for row in rows]) if len(rows) else {}
        for name, raw in asked.items():
            answers.put(name, rows, raw, panel.read(name, raw, [languages[row] for row in rows]))
    return Judged(answers.raws, answers.reasons, answers.fused(fusion))


def may_spare(panel: Panel) -> bool:
    """Whether any step of the panel is ever spared a text."""
    return any(_may_be_spared(panel, step) for step in panel.steps)


def _may_be_read(panel: Panel, step: Step, languages: Sequence[str]) -> Bool:
    """Of each text, whether a calibration knows its language, or a detector has no calibration."""
    held = [panel.calibrations.get(spec.name) for spec in step.specs]
    if None in held:
        return np.ones(len(languages), dtype=bool)
    known = set[str]().union(*(one.languages for one in held if one))
    return np.array([language in known for language in languages], dtype=bool)


def _may_be_spared(panel: Panel, step: Step) -> bool:
    is_read = any(spec.name in panel.calibrations for spec in step.specs)
    return is_read and cost_seconds(step) >= CHEAP_SECONDS


@dataclass(frozen=True, slots=True)
class Answers:
    """What each of d detectors has said of each of n texts so far.

    parts: ratio, its bounds, and p value, float64 [4, n, d], NaN = no reading.
    """

    names: tuple[str, ...]
    parts: Float64
    raws: dict[str, Raw]
    reasons: dict[str, list[str | None]]

    @classmethod
    def of(cls, names: Sequence[str], n: int) -> Answers:
        """No answers yet."""
        return cls(
            tuple(names),
            np.full((4, n, len(names)), np.nan),
            {name: _unasked(n) for name in names},
            {name: [NOT_NEEDED] * n for name in names},
        )

    def leave_out(self, step: Step, rows: Rows) -> None:
        """The texts at `rows` are in languages that the step's detectors are not calibrated for."""
        for spec in step.specs:
            for row in rows.tolist():
                self.raws[spec.name].reasons[row] = NOT_CALIBRATED
                self.reasons[spec.name][row] = NOT_CALIBRATED

    def put(self, name: str, rows: Rows, raw: Raw, read: Readings) -> None:
        """The answers of detector `name` on the texts at `rows`."""
        whole, why = self.raws[name], self.reasons[name]
        whole.scores[rows], whole.n_tokens[rows] = raw.scores, raw.n_tokens
        columns = (read.llr, read.llr_low, read.llr_high, read.human_tail)
        self.parts[:, rows, self.names.index(name)] = columns
        for row, own, unread in zip(rows.tolist(), raw.reasons, read.reasons, strict=True):
            whole.reasons[row], why[row] = own, own or unread

    def fused(self, fusion: Fusion) -> Fused:
        """The joint reading of what was said."""
        llrs, low, high, tails = self.parts
        return fusion.fuse(llrs, low=low, high=high, human_tails=tails)

    def reach(
        self, fusion: Fusion, panel: Panel, left: Sequence[Step], languages: Sequence[str]
    ) -> Reach | None:
        """What the joint reading may become when the steps `left` are taken; None: too many."""
        names = [spec.name for step in left for spec in step.specs]
        if len(names) > MOST_LEFT:
            return None
        bounds = _bounds(panel, names, languages)
        return _Reaching(fusion, self.parts, bounds).reach()


def _unasked(n: int) -> Raw:
    return Raw(np.full(n, np.nan, np.float32), np.full(n, -1, np.int32), [NOT_NEEDED] * n)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Of the detectors not yet asked: the most they can say of each text, float64 [n, d].

    limit: of |llr|, NaN = it cannot answer, or has. least_tail: of its p value.
    """

    limit: Float64
    least_tail: Float64


def _bounds(panel: Panel, left: Sequence[str], languages: Sequence[str]) -> _Bounds:
    shape = (len(languages), len(panel.names))
    bounds = _Bounds(np.full(shape, np.nan), np.full(shape, np.nan))
    spoken = np.array(languages, dtype=object)
    for name in left:
        calibration, column = panel.calibrations.get(name), panel.names.index(name)
        for language in sorted(set(languages)) if calibration else ():
            limit, tail = _support(calibration, language)
            bounds.limit[spoken == language, column] = limit
            bounds.least_tail[spoken == language, column] = tail
    return bounds


def _support(calibration: Calibration | None, language: str) -> tuple[float, float]:
    """The largest |llr| and the least p value of any text in this language; NaN: there is none."""
    cells = [cell for cell in calibration.cells if cell.language == language] if calibration else []
    if not cells:
        return np.nan, np.nan
    endless = np.array([np.inf])
    return (
        max(cell.llr_limit for cell in cells),
        min(float(cell.human_tail(endless)[0]) for cell in cells),
    )


class _Reaching:
    """The hull of the joint readings over every set of detectors that may yet answer."""

    def __init__(self, fusion: Fusion, parts: Float64, bounds: _Bounds) -> None:
        self._fusion, self._parts, self._bounds = fusion, parts, bounds
        n = parts.shape[1]
        # Rows: ratio, its interval, p value; least and most of each.
        self._ends = np.full((3, 2, n), np.nan)
        self._may_be_null = np.zeros(n, dtype=bool)

    def reach(self) -> Reach:
        answered, possible = np.isfinite(self._parts[0]), np.isfinite(self._bounds.limit)
        silent = ~(answered | possible).any(axis=1)
        self._may_be_null[silent] = True
        n_detectors = answered.shape[1]
        for rows, chosen in patterns(np.c_[answered, possible]):
            said, open_ = chosen[chosen < n_detectors], chosen[chosen >= n_detectors] - n_detectors
            for more in _subsets(open_.tolist()):
                self._widen(rows, said, np.array(more, dtype=np.int64))
        llr, interval, tail = ((least, most) for least, most in self._ends)
        return Reach(llr, interval, tail, self._may_be_null)

    def _widen(self, rows: Rows, said: Rows, more: Rows) -> None:
        """Take in what comes out when just the detectors `more` join those that have `said`."""
        if not len(said) and not len(more):
            self._may_be_null[rows] = True
            return
        least, most = self._outcome(rows, said, more, -1.0), self._outcome(rows, said, more, 1.0)
        limit = self._limit(rows, said, more)
        outcome = (
            (least.llr, most.llr),
            (np.minimum(least.llr_low, -limit), np.maximum(most.llr_high, limit)),
            (most.human_tail, least.human_tail),
        )
        for ends, (low, high) in zip(self._ends, outcome, strict=True):
            ends[0, rows] = np.fmin(ends[0, rows], low)
            ends[1, rows] = np.fmax(ends[1, rows], high)

    def _outcome(self, rows: Rows, said: Rows, more: Rows, side: float) -> Fused:
        """The joint reading when all of `more` speak for human (-1) or machine (1) authorship."""
        parts = np.full((4, len(rows), self._parts.shape[2]), np.nan)
        parts[:, :, said] = self._parts[:, rows][:, :, said]
        limits = side * self._bounds.limit[rows][:, more]
        parts[:3, :, more] = limits
        parts[3][:, more] = self._bounds.least_tail[rows][:, more] if side > 0 else 1.0
        llrs, low, high, tails = parts
        return self._fusion.fuse(llrs, low=low, high=high, human_tails=tails)

    def _limit(self, rows: Rows, said: Rows, more: Rows) -> Float64 | float:
        """Beyond which no bound of the ratio lies; those of what was said alone are known."""
        if not len(more):
            return -np.inf
        fitted = self._fusion.combination([self._fusion.names[i] for i in (*said, *more)])
        if fitted is not None:
            return fitted.llr_limit
        own = np.abs(self._parts[1:3, rows][:, :, said]).max(axis=(0, 2), initial=0.0)
        return np.maximum(own, self._bounds.limit[rows][:, more].max(axis=1))


def _subsets(items: Sequence[int]) -> Iterator[tuple[int, ...]]:
    return chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))
