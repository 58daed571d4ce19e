"""What a report counts of detection: each detector's scores, and what they say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from detectors.calibrate import LENGTHS
from detectors.calibration import Calibration
from detectors.cell import Cell
from provenance.report.statements import statement
from provenance.session import Session

#: A score's column in a histogram is this wide, a p value's a twentieth.
SCORE_STEP: Final = 0.25


@dataclass(frozen=True, slots=True)
class Asked:
    """A detector of the run. cost_seconds: of one text of 2,000 characters, as its spec says.

    calibration: the one its scores were read with; None when there was none, or it is not at hand.
    shares_pass: it reads what the detector before it was paid for.
    """

    name: str
    cost_seconds: float
    calibration: Calibration | None
    shares_pass: bool = False


def detection(
    session: Session, detectors: Sequence[Asked], *, parts: Sequence[str], rate: float
) -> dict[str, Any]:
    """Counts over table `decisions` and the scored parts, as JSON values.

    languages: by language, how many were judged and flagged at `rate`, and their p values, a
    twentieth each. abstained: documents that no detector judged, by reason. detectors: see
    `_detector`.
    """
    rows = _rows(session, "human_tail", rate=rate)
    languages = sorted({row["lang"] for row in rows if row["lang"] is not None})
    return {
        "false_positive_rate": rate,
        "languages": [_joint(lang, [r for r in rows if r["lang"] == lang]) for lang in languages],
        "abstained": _rows(session, "abstained"),
        "detectors": [_detector(session, one, parts, rate) for one in detectors],
    }


def _rows(session: Session, query: str, **parameters: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = session.table(
        statement(f"report_{query}"), **parameters
    ).to_pylist()
    return rows


def _joint(lang: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    tails = {row["bin"]: row["documents"] for row in rows}
    return {
        "lang": lang,
        "documents": sum(tails.values()),
        "flagged": sum(row["flagged"] for row in rows),
        "human_tail": [tails.get(i, 0) for i in range(20)],
    }


def _detector(session: Session, asked: Asked, parts: Sequence[str], rate: float) -> dict[str, Any]:
    """One detector: documents with text that it was asked about or spared, and its scores.

    seconds_saved: what those it was spared would have cost, by its spec; nothing where another
    detector's pass serves it. score: start of the column -> documents with a reading.
    """
    columns = {kind: f"{kind}_{asked.name}" for kind in ("score", "tokens", "part", "abstained")}
    (counts,) = _rows(session, "asked", parts=list(parts),
                      **{name: columns[name] for name in ("score", "abstained")})  # fmt: skip
    del columns["abstained"]
    starts = [low for low, _ in LENGTHS] if asked.calibration else []
    rows = _rows(session, "scores", starts=starts, rate=rate, parts=list(parts), **columns)
    languages = sorted({row["lang"] for row in rows if row["lang"] is not None})
    by_cell = _cells(asked.calibration, languages)
    cost = 0.0 if asked.shares_pass else asked.cost_seconds
    return {
        "name": asked.name,
        "calibration": asked.calibration.digest if asked.calibration else None,
        **counts,
        "seconds_saved": round(counts["spared"] * cost, 6),
        "languages": [_language(lang, rows, by_cell, rate) for lang in languages],
    }


def _cells(
    calibration: Calibration | None, languages: Sequence[str]
) -> dict[tuple[str, int], Cell]:
    """The cell that reads all texts of a language and length, by both, where there is one."""
    return {
        (language, i + 1): cell
        for language in languages
        for i, (low, high) in enumerate(LENGTHS)
        if calibration and (cell := calibration.cell(language, low)) and cell.max_tokens >= high
    }


def _language(
    lang: str, rows: Sequence[Mapping[str, Any]], cells: Mapping[tuple[str, int], Cell], rate: float
) -> dict[str, Any]:
    own = [row for row in rows if row["lang"] == lang]
    scores: dict[int, int] = {}
    for row in own:
        scores[row["score_bin"]] = scores.get(row["score_bin"], 0) + row["documents"]
    lengths = [
        _length(cell, [row for row in own if row["length"] == length], rate)
        for (language, length), cell in sorted(cells.items(), key=lambda item: item[0])
        if language == lang
    ]
    return {
        "lang": lang,
        "documents": sum(scores.values()),
        "score": [[start * SCORE_STEP, n] for start, n in sorted(scores.items())],
        "lengths": lengths,
    }


def _length(cell: Cell, rows: Sequence[Mapping[str, Any]], rate: float) -> dict[str, Any]:
    """One cell of the calibration. threshold: null where its human texts are too few for it.

    flagged: by what all detectors say together.
    """
    try:
        threshold = round(cell.threshold(rate), 6)
    except ValueError:
        threshold = None
    return {
        "min_tokens": cell.min_tokens,
        "max_tokens": cell.max_tokens,
        "threshold": threshold,
        "human_texts": cell.n_human,
        "human_sources": len(cell.sources),
        "documents": sum(row["documents"] for row in rows),
        "flagged": sum(row["flagged"] for row in rows),
    }
