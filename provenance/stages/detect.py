"""Detectors over the text: raw scores, then their calibrated reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from detectors.calibration import Calibration, CalibrationError, choose
from detectors.classifier.linear import LinearDetector
from provenance import batch as contract
from provenance.errors import InputError, Problem


class Detect:
    """Adds the linear detector's score and what it means for a text of that language and length.

    A score without a human reference to compare it with stays a score: its log-likelihood ratio
    and its p value are null, and `abstained_linear` says why. calibration: what a user's file
    holds, as JSON values, in the place of the shipped one. Raises InputError if it does not fit.
    """

    name = "detect"
    reads = ("text", "lang")
    adds = contract.added_by("detect") + contract.added_by("fuse")
    drops: tuple[str, ...] = ()

    def __init__(self, *, calibration: Sequence[Mapping[str, Any]] = ()) -> None:
        self._detector = LinearDetector()
        fingerprint = self._detector.fingerprint
        try:
            held = [Calibration.from_json(one) for one in calibration] or [Calibration.load()]
            self._calibration = choose(held, fingerprint)
        except CalibrationError as error:
            raise InputError(Problem("calibration", str(error))) from error

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        texts = batch.column("text").to_pylist()
        scores, n_tokens, reasons = self._detector.score_many([text or "" for text in texts])
        languages = [language or "und" for language in batch.column("lang").to_pylist()]
        readings = self._calibration.read_many(scores, languages, n_tokens)
        abstained = [
            "no_text" if text is None else own or unread
            for text, own, unread in zip(texts, reasons, readings.reasons, strict=True)
        ]
        return contract.append(
            batch,
            {
                "score_linear": _nullable(scores),
                "tokens_linear": pa.array(n_tokens, type=pa.int32()),
                "abstained_linear": pa.array(abstained, type=pa.string()),
                "llr": _nullable(readings.llr),
                "llr_low": _nullable(readings.llr_low),
                "llr_high": _nullable(readings.llr_high),
                "human_tail": _nullable(readings.human_tail),
            },
        )


def _nullable(values: np.ndarray) -> pa.Array:
    """float32 Arrow array of `values`, shape [n], NaN = null."""
    return pa.array(values.astype(np.float32), type=pa.float32(), from_pandas=True)
