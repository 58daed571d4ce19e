"""What a raw score means for a text of this language, domain and length, by a named reference.

A calibration is a table of cells. Each gives the conformal tail p value of a score among human
texts, and the log-likelihood ratio of machine to human authorship with an interval. Where no cell
fits, the answer is an abstention, never a guess. `calibrate` makes the table.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.cell import SHAPE_EDGES, Cell
from detectors.protocol import NOT_CALIBRATED, TOO_SHORT, Detector

SCHEMA: Final = "calibration/2"
DEFAULT: Final = Path(__file__).parent / "classifier" / "weights" / "linear.calibration.json"
#: A calibration file of a user may be so large.
LIMIT_BYTES: Final = 2**26


class CalibrationError(ValueError):
    """A calibration that cannot be read, or that was made for another detector or weights."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What scores depend on; a calibration holds for exactly this.

    weights: SHA-256, hex; of a pair of models both. revision: what was asked of a hub. tokenizer:
    SHA-256, hex. bos: token ids that stand before every window. window: tokens of one, and those it
    shares with the one before. Empty where a detector has no such thing.
    """

    detector: str
    version: str
    normalizer: str
    dtype: str
    weights: str
    revision: str = ""
    tokenizer: str = ""
    bos: str = ""
    window: str = ""


def fingerprint_of(detector: Detector) -> Fingerprint:
    """The detector's own `fingerprint`; of one without, its name and version."""
    own = getattr(detector, "fingerprint", None)
    if isinstance(own, Fingerprint):
        return own
    return Fingerprint(detector.spec.name, detector.spec.version, "", "", "")


@dataclass(frozen=True, slots=True)
class Reading:
    """A score read against its cell.

    llr: ln of the likelihood ratio machine : human (nats), with the bounds of its 95 % interval.
    human_tail: share of human texts that score as high or higher.
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
class Calibration:
    """Cells of one detector, and the digest of the data they were fitted on.

    Cells may overlap: the one of the text's own domain goes before that of any domain, and of two
    the one of fewer lengths. A language is never read by the cell of another.
    """

    fingerprint: Fingerprint
    data_digest: str
    cells: tuple[Cell, ...]

    @classmethod
    def load(
        cls, path: str | Path = DEFAULT, *, fingerprint: Fingerprint | None = None
    ) -> Calibration:
        """The calibration in a file; the linear detector's by default.

        Raises CalibrationError if the file is of another schema, or holds none for `fingerprint`.
        """
        held = load_all(path)
        return held[0] if fingerprint is None else choose(held, fingerprint)

    @classmethod
    def from_json(cls, stored: Any) -> Calibration:
        """The calibration that `to_json` described. Raises CalibrationError."""
        try:
            return cls(
                fingerprint=Fingerprint(**stored["fingerprint"]),
                data_digest=str(stored["data_digest"]),
                cells=tuple(_checked(Cell.from_json(row)) for row in stored["cells"]),
            )
        except CalibrationError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CalibrationError(repr(error)) from error

    def to_json(self) -> dict[str, Any]:
        """The calibration as JSON values."""
        return {
            "fingerprint": asdict(self.fingerprint),
            "data_digest": self.data_digest,
            "cells": [cell.to_json() for cell in self.cells],
        }

    @property
    def digest(self) -> str:
        """SHA-256 of its content, hex: equal digests read every score alike."""
        content = json.dumps(self.to_json(), sort_keys=True, allow_nan=False)
        return hashlib.sha256(content.encode()).hexdigest()

    def save(self, path: Path) -> None:
        """Write a file that holds this alone."""
        path.write_text(artefact([self]), encoding="utf-8")

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

    @property
    def languages(self) -> frozenset[str]:
        """Those that it has a cell for."""
        return frozenset(cell.language for cell in self.cells)

    @property
    def coarse_to_fine(self) -> list[Cell]:
        """The cells so that of those that fit a text the closest is the last."""
        return sorted(self.cells, key=_closeness)

    def cell(self, language: str, n_tokens: int, *, domain: str = "") -> Cell | None:
        """The closest cell for a language (ISO 639-1), length and domain, or None."""
        fitting = [
            cell
            for cell in self.cells
            if cell.language == language
            and cell.min_tokens <= n_tokens <= cell.max_tokens
            and cell.domain in ("", domain)
        ]
        return max(fitting, key=_closeness, default=None)

    def read(
        self, score: float, language: str, n_tokens: int, *, domain: str = ""
    ) -> Reading | None:
        """The reading of one score, or None where nothing fits."""
        cell = self.cell(language, n_tokens, domain=domain)
        if cell is None or not math.isfinite(score):
            return None
        scores = np.array([score])
        llr, low, high = (float(values[0]) for values in cell.llr(scores))
        return Reading(llr, low, high, float(cell.human_tail(scores)[0]))

    def read_many(
        self,
        scores: NDArray[np.float32],
        languages: Sequence[str],
        n_tokens: NDArray[np.int32],
        *,
        domains: Sequence[str] | None = None,
    ) -> Readings:
        """Readings of a batch. scores: float32 [n], NaN where the detector abstained.

        An abstention has no reading either; the detector's own reason says more than the one here.
        """
        columns = np.full((4, len(scores)), np.nan, np.float32)
        language_of = np.asarray(languages, dtype=str)
        domain_of = np.asarray(domains, dtype=str) if domains is not None else None
        for cell in self.coarse_to_fine:
            chosen = (language_of == cell.language) & np.isfinite(scores)
            chosen &= (n_tokens >= cell.min_tokens) & (n_tokens <= cell.max_tokens)
            if cell.domain:
                chosen &= False if domain_of is None else domain_of == cell.domain
            values = scores[chosen].astype(np.float64)
            columns[:3, chosen] = cell.llr(values)
            columns[3, chosen] = cell.human_tail(values)
        reasons = self._reasons(np.isnan(columns[0]), n_tokens)
        return Readings(columns[0], columns[1], columns[2], columns[3], reasons)

    def threshold(self, language: str, n_tokens: int, fpr: float, *, domain: str = "") -> float:
        """The score that at most a share `fpr` of such human texts exceed.

        Raises ValueError where no cell fits, or its texts are too few for `fpr`.
        """
        cell = self.cell(language, n_tokens, domain=domain)
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


def artefact(calibrations: Sequence[Calibration]) -> str:
    """The content of a calibration file, JSON."""
    held = [one.to_json() for one in calibrations]
    content = {"schema": SCHEMA, "calibrations": held}
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False) + "\n"


def load_all(path: str | Path) -> tuple[Calibration, ...]:
    """The calibrations in a file, one per detector. Raises CalibrationError."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(LIMIT_BYTES + 1)
        if len(content) > LIMIT_BYTES:
            raise CalibrationError(f"larger than {LIMIT_BYTES} bytes")
        return _parsed(json.loads(content))
    except (OSError, RecursionError, TypeError, ValueError) as error:
        why = str(error) if isinstance(error, CalibrationError) else repr(error)
        raise CalibrationError(f"{path}: no calibration: {why}") from error


def choose(held: Sequence[Calibration], fingerprint: Fingerprint) -> Calibration:
    """The one for `fingerprint`. Raises CalibrationError, naming every difference."""
    for one in held:
        if one.fingerprint.detector == fingerprint.detector:
            one.require(fingerprint)
            return one
    names = ", ".join(one.fingerprint.detector for one in held)
    raise CalibrationError(f"calibrates {names}, not detector {fingerprint.detector!r}")


def _parsed(stored: Any) -> tuple[Calibration, ...]:
    if not isinstance(stored, dict) or stored.get("schema") != SCHEMA:
        found = stored.get("schema") if isinstance(stored, dict) else type(stored).__name__
        raise CalibrationError(f"schema {found!r}, expected {SCHEMA!r}")
    held = tuple(Calibration.from_json(one) for one in stored.get("calibrations") or ())
    if not held:
        raise CalibrationError("it holds none")
    return held


def _closeness(cell: Cell) -> tuple[bool, int, int]:
    """Own domain before any; then fewer lengths; the last makes the order total."""
    return bool(cell.domain), cell.min_tokens - cell.max_tokens, cell.min_tokens


def _checked(cell: Cell) -> Cell:
    """The cell, if its numbers can be read. Raises CalibrationError."""
    is_whole = (
        cell.scores.ndim == cell.tails.ndim == 1
        and 0 < len(cell.scores) == len(cell.tails) - 1
        and np.isfinite(cell.scores).all()
        and (np.diff(cell.scores) <= 0).all()
        and (np.diff(cell.tails) >= 0).all()
        and 0 < cell.tails[0] <= cell.tails[-1] <= 1
        and np.isfinite([cell.intercept, cell.slope, *cell.covariance.ravel()]).all()
        and cell.n_human > 0
        and cell.n_ai >= 0
        and cell.unit in ("texts", "sources")
        and (cell.n_ai == 0 or cell.slope > 0)
        and all(
            len(shape) == len(SHAPE_EDGES) + 1 and min(shape) >= 0
            for shapes in (cell.human_shapes, cell.ai_shapes)
            for shape in shapes.values()
        )
    )
    if not is_whole:
        raise CalibrationError(f"the numbers of cell {cell.name} make no sense")
    return cell
