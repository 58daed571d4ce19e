"""The model card of the linear detector, written from what it was trained on."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from detectors.calibration import Calibration
from detectors.cell import Cell
from detectors.classifier.examples import Allowed, Example

_HEAD: Final = """# Model card: linear detector

A logistic model over hashed word 1- and 2-grams, 5-byte character n-grams and named features of
style. The score is a raw logit; higher is more machine-like. It is a cheap first opinion, never a
verdict: read it through its calibration.

- Detector: {name} version {version}, normaliser version {normalizer}; trained on {date}.
- Weights: SHA-256 `{weights}`.
- Data: SHA-256 `{digest}`, {n_human} human and {n_ai} machine texts, in {languages}.
"""

_TRAINING: Final = """
## How it was trained

One window of 60 to 500 words of each text, drawn alike for both labels; 15 % of the windows with
typing errors, 5 % without commas. Case, white space, quotes, dashes, list marks and Markdown are
dropped before any feature is taken. Each source of human text and each generator weighs as the
square root of its size; in a data set of both labels, and over all, both labels weigh the same, so
that topics say nothing. Human texts that score highest are weighted up and the model is fitted
again. Text of base (not instruction-tuned) models is left out: it made every held-out result worse.

## How it was calibrated

On held-out scores: each human source, and each labelled set with its machine texts, is scored by a
model that never saw it. A false-positive rate is that of the source (or domain of one) below that
scores highest, so that it holds for texts of a source that nobody has seen: of m sources, a new one
exceeds it with probability 1 / (m + 1). The pooled rate of all sources does not: measured on each
source in turn, a pooled 1 % was up to 43 %. It takes some detection to keep that promise; your own
human texts (`provenance calibrate`) buy it back. Sources whose texts are not dated have no say in
it. Other languages and lengths abstain with `not_calibrated`.

## Limits

- Calibrated for the languages and lengths below only. Shorter texts abstain.
- Registers differ: formal, formulaic and encyclopedic prose (papers, student essays, government)
  scores highest, and sets the thresholds for all. `benchmarks/quality/calibration.csv` has the rate
  on each data set and register when it is left out.
- Rewrites, translations and polishing of human text by a machine are seen far less often than plain
  generation, text that was asked to sound casual hardly at all, and text of base models not at all.
- Under about 100 words it misses most machine text at the 1 % threshold.
- Only a few dozen texts by learners of English stand behind it; their false-positive rate is known
  to a few percent only.
- Mixed pages get one score.
- `benchmarks/quality/linear.csv` holds results on sets that were never trained on, and results with
  each training set held out. Settings were chosen on the sets marked `tuned_on`. A crawl sample
  that carries texts of fast_detect_gpt, l2r, outfox or detector_bias is no held-out test.
- The vendors of closed models add their own terms on using outputs; nobody has cleared these.
"""


def model_card(examples: Sequence[Example], calibration: Calibration, allowed: Allowed) -> str:
    """The card in Markdown: data with licences and counts, method, cells, limits."""
    n_ai = sum(one.is_ai for one in examples)
    print_ = calibration.fingerprint
    head = _HEAD.format(
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
    return head + _TRAINING + _cell_table(calibration) + _data_table(examples, allowed)


def _cell_table(calibration: Calibration) -> str:
    rows = [
        f"| {cell.language} | {cell.min_tokens} to {cell.max_tokens} | {cell.n_human} | "
        f"{len(cell.sources)} | {cell.n_ai} | {_threshold(cell, 0.05)} | "
        f"{_threshold(cell, 0.01)} | {cell.intercept:.2f} + {cell.slope:.2f} score |"
        for cell in calibration.cells
    ]
    columns = "language | words | human | sources | machine | logit at 5 % | at 1 % | llr (nats)"
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
