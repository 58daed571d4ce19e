"""A list of strings in, detectors' scores and their calibrated readings out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from detectors.protocol import NOT_CALIBRATED
from provenance.engines.bench.contestants import Asked, Contestant, asked_list, contestants
from provenance.engines.bench.scoring import checked_scores
from provenance.errors import InputError, Problem
from provenance.text.language import detect

Paths = str | Path | Sequence[str | Path]

_READ: Final = ("llr", "llr_low", "llr_high", "human_tail")


@dataclass(frozen=True, slots=True)
class TextScores:
    """Scores of texts as columns: name -> one value per text, in order; null is None.

    Per detector NAME: score_NAME (raw, higher = more machine-like), tokens_NAME, llr_NAME (ln of
    the likelihood ratio machine : human) with llr_low_NAME and llr_high_NAME (95 %),
    human_tail_NAME (share of comparable human texts that score as high), and abstained_NAME: why
    there is no score, or no reading of it. No column is a verdict.
    """

    columns: Mapping[str, list[Any]]

    def rows(self) -> list[dict[str, Any]]:
        """The same, one mapping per text."""
        values = zip(*self.columns.values(), strict=True)
        return [dict(zip(self.columns, row, strict=True)) for row in values]

    def table(self) -> pa.Table:
        """The same as an Arrow table, typed even where a column is all null."""
        return pa.table({
            name: pa.array(values, _type(name)) for name, values in self.columns.items()
        })  # fmt: skip


class TextScorer:
    """Detectors, loaded once, for any number of calls."""

    def __init__(
        self,
        detectors: Asked | Sequence[Asked] = "linear",
        *,
        calibration: Paths = (),
        device: str = "cpu",
    ) -> None:
        """detectors, calibration, device: as for `bench`. Raises InputError."""
        paths = [calibration] if isinstance(calibration, str | Path) else calibration
        self._contestants = contestants(asked_list(detectors), calibrations=paths, device=device)

    def __call__(
        self, texts: Sequence[str], *, languages: Sequence[str] | None = None
    ) -> TextScores:
        """The scores of the texts. languages: ISO 639-1, one per text; identified by default."""
        if isinstance(texts, str) or (languages is not None and len(languages) != len(texts)):
            what = "is one string" if isinstance(texts, str) else f"are {len(texts)}"
            raise InputError(Problem("texts", what, accepted="a list, and as many languages"))
        if languages is None:
            languages = [language for language, _ in detect(texts)]
        columns: dict[str, list[Any]] = {}
        for one in self._contestants:
            columns |= _columns(one, texts, languages)
        return TextScores(columns)


def score_texts(
    texts: Sequence[str],
    *,
    detectors: Asked | Sequence[Asked] = "linear",
    languages: Sequence[str] | None = None,
    calibration: Paths = (),
    device: str = "cpu",
) -> TextScores:
    """The scores of a list of strings. With many lists, make one `TextScorer` and call it."""
    return TextScorer(detectors, calibration=calibration, device=device)(texts, languages=languages)


def _columns(
    one: Contestant, texts: Sequence[str], languages: Sequence[str]
) -> dict[str, list[Any]]:
    scores = checked_scores(one.detector, texts)
    values = np.array([np.nan if s.value is None else s.value for s in scores], np.float32)
    n_tokens = np.array([score.n_tokens for score in scores], np.int32)
    abstained: list[str | None] = [score.reason for score in scores]
    read: dict[str, list[Any]] = {name: [None] * len(texts) for name in _READ}
    if one.calibration is None:
        abstained = [reason or NOT_CALIBRATED for reason in abstained]
    else:
        readings = one.calibration.read_many(values, languages, n_tokens)
        read = {name: _nullable(getattr(readings, name)) for name in _READ}
        abstained = [own or unread for own, unread in zip(abstained, readings.reasons, strict=True)]
    values_given = [score.value for score in scores]
    found = {"score": values_given, "tokens": n_tokens.tolist(), **read, "abstained": abstained}
    return {f"{name}_{one.name}": column for name, column in found.items()}


def _type(column: str) -> pa.DataType:
    """Of a column of `TextScores`."""
    kind = column.partition("_")[0]
    return {"tokens": pa.int32(), "abstained": pa.string()}.get(kind, pa.float64())


def _nullable(values: NDArray[np.float32]) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]
