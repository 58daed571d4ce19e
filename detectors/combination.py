"""How the ratios of one set of detectors become one: `fusion` has a combination for each set."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detectors.calibrate import CellRule
from detectors.human_tails import source_tails
from detectors.stacking import Float64, stack

_NORMAL_95: Final = 1.959963984540054  # two-sided 95 % point of the standard normal
_FOLDS: Final = 8  # of groups, for the p values of texts that a combination has not seen

Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Combination:
    """How the ratios of one set of detectors are combined.

    beta: intercept and weights, float64 [1 + k]; covariance: of beta. ratios: where the p value of
    combined ratios among human texts steps, descending; tails: its values, one more; over sources,
    as of a `cell.Cell`. Both are empty where there are too few sources to tell.
    """

    members: tuple[str, ...]
    n_human: int
    n_ai: int
    n_groups: int
    beta: Float64
    covariance: Float64
    ratios: Float64
    tails: Float64

    @property
    def llr_limit(self) -> float:
        """The largest |llr| that so many texts can support: ln(n + 1)."""
        return math.log(min(self.n_human, self.n_ai) + 1)

    def combine(self, llrs: Float64, low: Float64, high: Float64) -> tuple[Float64, ...]:
        """Ratio, lower and upper 95 % bound, [n] each. llrs, low, high: members', [n, k].

        Members may err together: their doubts add up, and the weights' doubt joins in quadrature.
        """
        design = np.c_[np.ones(len(llrs)), llrs]
        middle, weights = self.line(llrs), self.beta[1:]
        variance = np.einsum("ni,ij,nj->n", design, self.covariance, design)
        doubt = _NORMAL_95 * np.sqrt(np.maximum(variance, 0.0))
        below, above = (
            np.hypot(doubt, (llrs - low) @ weights),
            np.hypot(doubt, (high - llrs) @ weights),
        )
        limit = self.llr_limit
        return tuple(np.clip(x, -limit, limit) for x in (middle, middle - below, middle + above))

    def line(self, llrs: Float64) -> Float64:
        """intercept + weights . llrs, [n], without bounds."""
        line: Float64 = self.beta[0] + llrs @ self.beta[1:]
        return line

    def human_tail(self, llrs: Float64, tails: Float64) -> Float64:
        """The p value among human texts, [n]. llrs, tails: members' ratios and p values, [n, k]."""
        if not len(self.ratios):
            return bonferroni(tails)
        n_steps_above = np.searchsorted(-self.ratios, -self.line(llrs), side="right")
        tail: Float64 = self.tails[n_steps_above]
        return tail

    def to_json(self) -> dict[str, Any]:
        """Plain data for the artefact."""
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Combination:
        """The combination of an artefact's row."""
        names = ("beta", "covariance", "ratios", "tails")
        floats = {name: np.asarray(row[name], np.float64) for name in names}
        return cls(**{**row, **floats, "members": tuple(row["members"])})


def bonferroni(tails: Float64) -> Float64:
    """A p value of k others, [n, k]: k times the least, whatever they share."""
    joint: Float64 = np.minimum(1.0, tails.shape[1] * tails.min(axis=1))
    return joint


class Texts(NamedTuple):
    """llrs: float64 [n, d], NaN = abstained. is_ai: [n]. groups: [n], the unit of dependence."""

    llrs: Float64
    is_ai: Bool
    groups: NDArray[np.str_]

    def where_all(self, chosen: Sequence[int]) -> Texts:
        """The texts on which all of the chosen columns answered, with these columns alone."""
        llrs = self.llrs[:, list(chosen)]
        rows = np.isfinite(llrs).all(axis=1)
        return Texts(llrs[rows], self.is_ai[rows], self.groups[rows])


def fit_combination(texts: Texts, members: tuple[str, ...], rule: CellRule) -> Combination | None:
    """The combination of `members`, the columns of `texts`; None where these are too few."""
    n_ai = int(texts.is_ai.sum())
    n_human, n_sources = len(texts.is_ai) - n_ai, len(np.unique(texts.groups[~texts.is_ai]))
    if n_human < rule.min_human or n_sources < rule.min_sources or n_ai < rule.min_ai:
        return None
    stacked = stack(texts.llrs, texts.is_ai, texts.groups)
    ratios, tails = _tails(texts, rule)
    return Combination(
        members=members,
        n_human=n_human,
        n_ai=n_ai,
        n_groups=len(np.unique(texts.groups)),
        beta=stacked.beta,
        covariance=stacked.covariance,
        ratios=ratios,
        tails=tails,
    )


def _tails(texts: Texts, rule: CellRule) -> tuple[Float64, Float64]:
    """Steps of the p value over sources; none where fewer than the rule asks have a say in it."""
    groups = texts.groups[~texts.is_ai]
    names, counts = np.unique(groups, return_counts=True)
    heard = [name for name in names[counts >= rule.min_per_source] if name not in rule.undated]
    if len(heard) < rule.min_sources:
        return np.empty(0), np.empty(0)
    ratios = _held_out(texts)[~texts.is_ai]
    return source_tails([ratios[groups == name].tolist() for name in heard])


def _held_out(texts: Texts) -> Float64:
    """Each text's combined ratio by weights that were fitted without its group, [n]."""
    _, place = np.unique(texts.groups, return_inverse=True)
    values = np.empty(len(place))
    for fold in range(_FOLDS):
        held = place % _FOLDS == fold
        rest = ~held if len(np.unique(texts.is_ai[~held])) == 2 else np.ones_like(held)
        beta = stack(texts.llrs[rest], texts.is_ai[rest], texts.groups[rest]).beta
        values[held] = beta[0] + texts.llrs[held] @ beta[1:]
    return values
