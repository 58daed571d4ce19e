"""Detectors from labelled texts."""

from __future__ import annotations

from pathlib import Path

from provenance.api.running import progress_bar
from provenance.engines.train import TrainResult, load_config, train_detector


def train(
    config: str | Path, *, data: str | Path, out: str | Path, progress: bool = False
) -> TrainResult:
    """Weights, calibration and model card of a detector in `out`, trained as `config` says.

    data: folder of `*.jsonl.gz` (`detectors.classifier.examples`). Raises RequestError.
    """
    asked = load_config(config)
    with progress_bar("training", asked.n_steps, progress) as done:
        return train_detector(asked, data=data, out=out, progress=done)
