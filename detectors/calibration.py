"""What a raw score means for a text of this language and length, by a named human reference.

A calibration is a table of cells, one per language and length. Each gives the conformal tail
p value of a score among human texts, and the log-likelihood ratio of machine to human authorship
with an interval. Where no cell fits, the answer is an abstention, never a guess. `calibrate` makes
the table.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.protocol import NOT_CALIBRATED, TOO_SHORT

SCHEMA: Final = "calibration/1"
DEFAULT: Final = Path(__file__).parent / "classifier" / "weights" / "linear.calibration.json"
_NORMAL_95: Final = 1.959963984540054  # two-sided 95 % point of the standard normal


class CalibrationError(ValueError):
    """A calibration that cannot be read, or that was made for another detector or weights."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What scores depend on; a calibration holds for exactly this. weights: SHA-256, hex."""

    detector: str
    version: str
    normalizer: str
    dtype: str
    weights: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A score read against its cell.

    llr: ln of the likelihood ratio machine : human (nats), with the bounds of its 95 % interval.
    human_tail: share of human texts that score as high or higher, never below 1 / (n + 1).
    """

    llr: float
    llr_low: float
    llr_high: float
    human_tail: float


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings of a batch: float32 [n], NaN where `reasons` says why there is none."""

    llr: NDArray[np.float32]
    llr_low: NDArray[np.float32]
    llr_high: NDArray[np.float32]
    human_tail: NDArray[np.float32]
    reasons: list[str | None]


@dataclass(frozen=True, slots=True)
class Cell:
    """The reference of one language and length.

    sources: human texts per source. ranks, scores: some human scores, descending, with their rank
    from the top (the highest is 1); all of the upper tail is there. intercept, slope, covariance:
    llr = intercept + slope * score, and the 2 x 2 covariance of the two.
    """

    language: str
    min_tokens: int
    max_tokens: int
    n_human: int
    n_ai: int
    sources: Mapping[str, int]
    ranks: NDArray[np.int64]
    scores: NDArray[np.float64]
    intercept: float
    slope: float
    covariance: NDArray[np.float64]

    @property
    def llr_limit(self) -> float:
        """The largest |llr| that so many texts can support: ln(n + 1)."""
        return math.log(min(self.n_human, self.n_ai) + 1)

    def human_tail(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """(1 + humans at or above) / (n + 1), rounded up where the stored ranks leave gaps."""
        n_stored_above = np.searchsorted(-self.scores, -scores, side="right")
        next_rank = np.r_[self.ranks, self.n_human + 1][n_stored_above]
        tail: NDArray[np.float64] = next_rank / (self.n_human + 1)
        return tail

    def llr(
        self, scores: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Ratio, lower and upper 95 % bound, each within what the sample supports."""
        line = self.intercept + self.slope * scores
        (variance, cross), (_, slope_variance) = self.covariance
        deviation = np.sqrt(variance + 2.0 * cross * scores + slope_variance * scores**2)
        limit = self.llr_limit
        low, middle, high = (
            np.clip(line + side * _NORMAL_95 * deviation, -limit, limit) for side in (-1, 0, 1)
        )
        return middle, low, high

    def threshold(self, fpr: float) -> float:
        """The score that at most a share `fpr` of human texts exceed.

        Raises ValueError below 1 / (n + 1), which so few texts cannot tell.
        """
        rank = math.floor(fpr * (self.n_human + 1) + 1e-9)
        if rank < 1:
            raise ValueError(
                f"a false-positive rate of {fpr} needs {math.ceil(1 / fpr) - 1} human texts; "
                f"{self.language} {self.min_tokens}-{self.max_tokens} has {self.n_human}"
            )
        return float(self.scores[np.searchsorted(self.ranks, rank, side="right") - 1])

    def to_json(self) -> dict[str, Any]:
        """Plain data for the artefact."""
        row = asdict(self)
        row.update(
            ranks=self.ranks.tolist(),
            scores=self.scores.tolist(),
            covariance=self.covariance.tolist(),
        )
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Cell:
        """The cell of an artefact's row."""
        arrays = {
            "ranks": np.asarray(row["ranks"], np.int64),
            "scores": np.asarray(row["scores"], np.float64),
            "covariance": np.asarray(row["covariance"], np.float64).reshape(2, 2),
        }
        return cls(**{**row, **arrays})


@dataclass(frozen=True, slots=True)
class Calibration:
    """Cells of one detector, and the digest of the data they were fitted on."""

    fingerprint: Fingerprint
    data_digest: str
    cells: tuple[Cell, ...]

    @classmethod
    def load(cls, path: Path = DEFAULT, *, fingerprint: Fingerprint | None = None) -> Calibration:
        """The calibration in a file; the linear detector's by default.

        Raises CalibrationError if it is of another schema, or not for `fingerprint`.
        """
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            if stored["schema"] != SCHEMA:
                raise CalibrationError(f"{path}: schema {stored['schema']!r}, expected {SCHEMA!r}")
            calibration = cls(
                fingerprint=Fingerprint(**stored["fingerprint"]),
                data_digest=stored["data_digest"],
                cells=tuple(Cell.from_json(row) for row in stored["cells"]),
            )
        except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
            raise CalibrationError(f"{path}: no calibration: {error!r}") from error
        if fingerprint is not None:
            calibration.require(fingerprint)
        return calibration

    def save(self, path: Path) -> None:
        """Write the artefact as JSON."""
        artefact = {
            "schema": SCHEMA,
            "fingerprint": asdict(self.fingerprint),
            "data_digest": self.data_digest,
            "cells": [cell.to_json() for cell in self.cells],
        }
        path.write_text(json.dumps(artefact, separators=(",", ":")) + "\n", encoding="utf-8")

    def require(self, fingerprint: Fingerprint) -> None:
        """Raise CalibrationError, naming every difference, unless this is for `fingerprint`."""
        ours, theirs = asdict(self.fingerprint), asdict(fingerprint)
        differences = [
            f"{name}: calibrated on {ours[name]!r}, scoring with {theirs[name]!r}"
            for name in ours
            if ours[name] != theirs[name]
        ]
        if differences:
            raise CalibrationError("calibration does not fit: " + "; ".join(differences))

    def cell(self, language: str, n_tokens: int) -> Cell | None:
        """The cell for a language (ISO 639-1) and length, or None."""
        for cell in self.cells:
            if cell.language == language and cell.min_tokens <= n_tokens <= cell.max_tokens:
                return cell
        return None

    def read(self, score: float, language: str, n_tokens: int) -> Reading | None:
        """The reading of one score, or None where nothing fits."""
        cell = self.cell(language, n_tokens)
        if cell is None or not math.isfinite(score):
            return None
        scores = np.array([score])
        llr, low, high = (float(values[0]) for values in cell.llr(scores))
        return Reading(llr, low, high, float(cell.human_tail(scores)[0]))

    def read_many(
        self, scores: NDArray[np.float32], languages: Sequence[str], n_tokens: NDArray[np.int32]
    ) -> Readings:
        """Readings of a batch. scores: float32 [n], NaN where the detector abstained.

        An abstention has no reading either; the detector's own reason says more than the one here.
        """
        columns = np.full((4, len(scores)), np.nan, np.float32)
        language_of = np.asarray(languages, dtype=str)
        for cell in self.cells:
            within = (n_tokens >= cell.min_tokens) & (n_tokens <= cell.max_tokens)
            chosen = within & (language_of == cell.language) & np.isfinite(scores)
            values = scores[chosen].astype(np.float64)
            columns[:3, chosen] = cell.llr(values)
            columns[3, chosen] = cell.human_tail(values)
        reasons = self._reasons(np.isnan(columns[0]), n_tokens)
        return Readings(columns[0], columns[1], columns[2], columns[3], reasons)

    def threshold(self, language: str, n_tokens: int, fpr: float) -> float:
        """The score that at most a share `fpr` of such human texts exceed.

        Raises ValueError where no cell fits, or its texts are too few for `fpr`.
        """
        cell = self.cell(language, n_tokens)
        if cell is None:
            raise ValueError(f"no human reference for {language!r} at {n_tokens} tokens")
        return cell.threshold(fpr)

    def _reasons(
        self, is_missing: NDArray[np.bool_], n_tokens: NDArray[np.int32]
    ) -> list[str | None]:
        shortest = min((cell.min_tokens for cell in self.cells), default=0)
        return [
            (TOO_SHORT if n < shortest else NOT_CALIBRATED) if missing else None
            for missing, n in zip(is_missing.tolist(), n_tokens.tolist(), strict=True)
        ]
