"""Several detectors' calibrated log-likelihood ratios -> one, whichever of them gave an answer.

Detectors repeat each other, so their ratios do not add up. For each set of detectors that answered,
`fit` learns from texts on which all of them did how much each counts (`stacking`):

    llr = intercept + weights . llrs,   weights >= 0                              (nats)

A set with too few such texts is not guessed at: its ratio is the mean of its members', as if they
all said the same thing. The joint p value holds for sources that nobody has seen, as a
calibration's does; with too few sources it is the least of the members' times their number. One
detector alone is its own calibrated ratio and p value, as they are.

    fusion = fit(llrs, is_ai, groups, ["linear", "perplexity"])
    llr, low, high = fusion.llr(llrs)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.calibrate import CellRule
from detectors.calibration import Fingerprint
from detectors.combination import Combination, Texts, bonferroni, fit_combination
from detectors.stacking import Float64

SCHEMA: Final = "fusion/1"

Float32 = NDArray[np.float32]
Bool = NDArray[np.bool_]


class FusionError(ValueError):
    """A fusion that cannot be read, or whose members are calibrated otherwise now."""


@dataclass(frozen=True, slots=True)
class Member:
    """What a detector's ratios depend on: `Calibration.fingerprint` and `Calibration.digest`."""

    fingerprint: Fingerprint
    calibration: str


@dataclass(frozen=True, slots=True)
class Fused:
    """float32 [n] each, NaN where every detector abstained; as `calibration.Readings`.

    parts: float32 [n, d], what of llr comes from each detector; the rest is the intercept, or what
    the bounds cut off.
    """

    llr: Float32
    llr_low: Float32
    llr_high: Float32
    human_tail: Float32
    parts: Float32


@dataclass(frozen=True, slots=True)
class Fusion:
    """names: of the detectors, in the order of the columns of every argument.

    combinations: one for each set of two or more with enough texts. members: what the fit's ratios
    depended on; data_digest: of the texts. Both are empty in a fusion that was fitted on nothing.
    """

    names: tuple[str, ...]
    combinations: tuple[Combination, ...] = ()
    members: Mapping[str, Member] | None = None
    data_digest: str = ""

    def llr(
        self, llrs: Float64, *, low: Float64 | None = None, high: Float64 | None = None
    ) -> tuple[Float32, Float32, Float32]:
        """Ratio, lower and upper 95 % bound: float32 [n], NaN where every detector abstained.

        llrs: float64 [n, d], NaN = abstained. low, high: their own intervals; without them the
        result's interval covers the combination's doubt alone.
        """
        low, high = (llrs if bound is None else bound for bound in (low, high))
        fused = self.fuse(llrs, low=low, high=high, human_tails=np.ones_like(llrs))
        return fused.llr, fused.llr_low, fused.llr_high

    def fuse(self, llrs: Float64, *, low: Float64, high: Float64, human_tails: Float64) -> Fused:
        """The joint reading of n texts; every argument is [n, d], NaN = abstained."""
        columns, parts = np.full((4, len(llrs)), np.nan, np.float32), np.full(llrs.shape, np.nan)
        for rows, chosen in patterns(np.isfinite(llrs)):
            place, names = np.ix_(rows, chosen), tuple(self.names[i] for i in chosen)
            columns[:, rows] = self._combined(
                names, llrs[place], low[place], high[place], human_tails[place]
            )
            parts[place] = llrs[place] * self._weights(names)
        llr, llr_low, llr_high, tail = columns
        return Fused(llr, llr_low, llr_high, tail, parts.astype(np.float32))

    def _combined(
        self, names: tuple[str, ...], llrs: Float64, low: Float64, high: Float64, tails: Float64
    ) -> tuple[Float64, ...]:
        fitted = self.combination(names)
        if fitted is None:
            joint = bonferroni(tails)
            return llrs.mean(axis=1), low.mean(axis=1), high.mean(axis=1), joint
        return (*fitted.combine(llrs, low, high), fitted.human_tail(llrs, tails))

    def _weights(self, names: tuple[str, ...]) -> Float64 | float:
        fitted = self.combination(names)
        return 1.0 / len(names) if fitted is None else fitted.beta[1:]

    def combination(self, names: Sequence[str]) -> Combination | None:
        """The fitted combination of exactly these detectors, in any order; None: not fitted."""
        wanted = set(names)
        return next((one for one in self.combinations if set(one.members) == wanted), None)

    def of(self, names: Sequence[str]) -> Fusion:
        """This fusion for other detectors: what was fitted for sets of them, and nothing else.

        The columns of what is given from then on stand in the order of `names`.
        """
        kept = [one for one in self.combinations if set(one.members) <= set(names)]
        ordered = [_reordered(one, names) for one in kept]
        return replace(self, names=tuple(names), combinations=tuple(ordered))

    def save(self, path: Path) -> None:
        """Write the artefact as JSON."""
        artefact = {
            "schema": SCHEMA,
            "names": list(self.names),
            "members": {name: asdict(one) for name, one in (self.members or {}).items()},
            "data_digest": self.data_digest,
            "combinations": [one.to_json() for one in self.combinations],
        }
        path.write_text(json.dumps(artefact, separators=(",", ":")) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path, *, members: Mapping[str, Member]) -> Fusion:
        """The fusion in a file, for detectors that are calibrated as `members` says.

        Raises FusionError if it is of another schema, or naming every one of `members` that it was
        fitted with under another calibration. Detectors that it does not know are not refused:
        `of` says how they count.
        """
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            if stored["schema"] != SCHEMA:
                raise FusionError(f"{path}: schema {stored['schema']!r}, expected {SCHEMA!r}")
            fusion = cls(
                names=tuple(stored["names"]),
                combinations=tuple(Combination.from_json(row) for row in stored["combinations"]),
                members={name: _member(row) for name, row in stored["members"].items()},
                data_digest=stored["data_digest"],
            )
        except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
            raise FusionError(f"{path}: no fusion: {error!r}") from error
        fusion.require(members)
        return fusion

    def require(self, members: Mapping[str, Member]) -> None:
        """Raise FusionError, naming each of `members` whose calibration is not the fitted one."""
        known = self.members or {}
        others = [name for name, one in members.items() if name in known and known[name] != one]
        if others:
            raise FusionError(
                f"fusion does not fit: {', '.join(others)} had another calibration when it was made"
            )


def fit(
    llrs: Float64,
    is_ai: Bool,
    groups: Sequence[str],
    names: Sequence[str],
    *,
    members: Mapping[str, Member] | None = None,
    data_digest: str = "",
    rule: CellRule | None = None,
) -> Fusion:
    """A fusion of the detectors `names` from the ratios of labelled texts that none of them saw.

    llrs: float64 [n, d], nats, positive = machine, NaN = abstained. is_ai: bool [n]. groups: [n],
    the data set or source of each text: the unit of dependence. A combination is fitted for every
    set of two or more detectors that answered together on as many texts, of as many groups, as
    `rule` asks of a calibration's cell (its max_per_source is not used: large groups weigh by the
    root of their size); its joint p value needs as many dated groups with as many human texts each.
    members, data_digest: written to the artefact. Raises ValueError where the shapes do not fit.
    """
    if llrs.shape != (len(is_ai), len(names)) or len(groups) != len(is_ai):
        raise ValueError(f"{llrs.shape} ratios, {len(is_ai)} labels, {len(groups)} groups, "
                         f"{len(names)} names")  # fmt: skip
    rule = CellRule() if rule is None else rule
    texts = Texts(llrs, is_ai, np.array(groups))
    found = [
        fit_combination(texts.where_all(chosen), tuple(names[i] for i in chosen), rule)
        for size in range(2, len(names) + 1)
        for chosen in combinations(range(len(names)), size)
    ]
    fitted = tuple(one for one in found if one is not None)
    return Fusion(tuple(names), fitted, members, data_digest)


def patterns(answered: Bool) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(rows, columns) for each set of columns that some row of `answered`, [n, d], has true.

    A row without any is in none.
    """
    sets, place = np.unique(answered, axis=0, return_inverse=True)
    for number, chosen in enumerate(sets):
        if chosen.any():
            yield np.flatnonzero(place.ravel() == number), np.flatnonzero(chosen)


def _reordered(one: Combination, names: Sequence[str]) -> Combination:
    """The same combination with its members in the order of `names`."""
    members = tuple(name for name in names if name in one.members)
    order = [0, *(1 + one.members.index(name) for name in members)]
    return replace(one, members=members, beta=one.beta[order],
                   covariance=one.covariance[np.ix_(order, order)])  # fmt: skip


def _member(row: Mapping[str, Any]) -> Member:
    return Member(Fingerprint(**row["fingerprint"]), row["calibration"])
