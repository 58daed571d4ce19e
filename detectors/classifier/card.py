"""The model card of a trained detector, written from what it was trained on."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from detectors.calibration import Calibration
from detectors.cell import Cell
from detectors.classifier.about import About
from detectors.classifier.examples import Allowed, Example

_HEAD: Final = """# Model card: {title}

{what}
- Detector: {name} version {version}, normaliser version {normalizer}; trained on {date}.
- Weights: SHA-256 `{weights}`.
- Data: SHA-256 `{digest}`, {n_human} human and {n_ai} machine texts, in {languages}.
"""


def model_card(
    examples: Sequence[Example], calibration: Calibration, allowed: Allowed, *, about: About
) -> str:
    """The card in Markdown: data with licences and counts, method, cells, limits."""
    n_ai = sum(one.is_ai for one in examples)
    print_ = calibration.fingerprint
    head = _HEAD.format(
        title=about.title,
        what=about.what,
        name=print_.detector,
        version=print_.version,
        normalizer=print_.normalizer,
        weights=print_.weights,
        date=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        digest=calibration.data_digest,
        n_human=len(examples) - n_ai,
        n_ai=n_ai,
        languages=", ".join(sorted({one.language for one in examples})),
    )
    return (
        f"{head}\n{about.how}"
        + _cell_table(calibration, about.counted)
        + _data_table(examples, allowed)
    )


def _cell_table(calibration: Calibration, counted: str) -> str:
    rows = [
        f"| {cell.language} | {cell.min_tokens} to {cell.max_tokens} | {cell.n_human} | "
        f"{len(cell.sources)} | {cell.n_ai} | {_threshold(cell, 0.05)} | "
        f"{_threshold(cell, 0.01)} | {cell.intercept:.2f} + {cell.slope:.2f} score |"
        for cell in calibration.cells
    ]
    columns = (
        f"language | {counted} | human | sources | machine | logit at 5 % | at 1 % | llr (nats)"
    )
    return "\n## Cells\n\n" + _table(columns, rows)


def _threshold(cell: Cell, fpr: float) -> str:
    return f"{cell.threshold(fpr):.2f}" if cell.tails[0] <= fpr else "too few"


def _data_table(examples: Iterable[Example], allowed: Allowed) -> str:
    counts = Counter((one.dataset, one.source, one.label, one.language) for one in examples)
    rows = [
        f"| {dataset} | {source} | {label} | {language} | {n} | {allowed.licences[dataset]} |"
        for (dataset, source, label, language), n in sorted(counts.items())
    ]
    columns = "data set | source | label | language | texts | licence"
    return "\n## Data, with attribution\n\n" + _table(columns, rows)


def _table(columns: str, rows: Sequence[str]) -> str:
    names = columns.split(" | ")
    return "\n".join([f"| {columns} |", "|" + " --- |" * len(names), *rows]) + "\n"
