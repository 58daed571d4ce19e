"""How the ratios of one set of detectors become one: `fusion` has a combination for each set."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detectors.calibrate import CellRule, upper_ranks
from detectors.stacking import Float64, stack

_NORMAL_95: Final = 1.959963984540054  # two-sided 95 % point of the standard normal
_FOLDS: Final = 8  # of groups, for the p values of texts that a combination has not seen

Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Combination:
    """How the ratios of one set of detectors are combined.

    beta: intercept and weights, float64 [1 + k]; covariance: of beta. ranks, llrs: some combined
    ratios of human texts, descending, with their rank from the top (`calibration.Cell`).
    """

    members: tuple[str, ...]
    n_human: int
    n_ai: int
    n_groups: int
    beta: Float64
    covariance: Float64
    ranks: NDArray[np.int64]
    llrs: Float64

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

    def human_tail(self, llrs: Float64) -> Float64:
        """(1 + humans at or above) / (n + 1), rounded up where the stored ranks leave gaps."""
        n_stored_above = np.searchsorted(-self.llrs, -self.line(llrs), side="right")
        tail: Float64 = np.r_[self.ranks, self.n_human + 1][n_stored_above] / (self.n_human + 1)
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
        floats = {
            name: np.asarray(row[name], np.float64) for name in ("beta", "covariance", "llrs")
        }
        ranks = np.asarray(row["ranks"], np.int64)
        return cls(**{**row, **floats, "ranks": ranks, "members": tuple(row["members"])})


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
    ranks, llrs = upper_ranks(_held_out(texts)[~texts.is_ai].tolist())
    return Combination(
        members=members,
        n_human=n_human,
        n_ai=n_ai,
        n_groups=len(np.unique(texts.groups)),
        beta=stacked.beta,
        covariance=stacked.covariance,
        ranks=ranks,
        llrs=llrs,
    )


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
