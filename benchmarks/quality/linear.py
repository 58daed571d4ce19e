"""Quality of the linear detector: on sets never trained on, and with each training set held out.

    python benchmarks/quality/linear.py              # the shipped model on never-trained sets
    python benchmarks/quality/linear.py --held-out   # retrained fold by fold

Texts are cut to the same number of words in both classes and scored in their normal form. Every
slice is a row of linear.csv: AUROC, and true- and false-positive rates at the calibrated thresholds
for 5 % and 1 %; `oracle_` columns use the set's own human texts as published comparisons do.
Sets that settings were chosen on are marked `tuned_on`.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import platform
import random
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from corpora import anchor, labelled_sets
from judged import RATES, Judged, measures, slices

from detectors.calibrate import cells
from detectors.calibration import Calibration, Fingerprint
from detectors.classifier.augment import window_of
from detectors.classifier.examples import Example
from detectors.classifier.linear import LinearDetector
from detectors.classifier.training import Config, held_out_models, scored_windows, select
from detectors.protocol import Detector
from detectors.shipped import calibration_for
from provenance.engines.train import load_config

HERE = Path(__file__).parent
LENGTHS_WORDS = (60, 120, 240, 480)
DETAILED_WORDS = 120  # the length at which generators and attacks are told apart
NEVER_TRAINED = {
    "student_essays": ("asap_gpt_essays", "feedback_prize_essays"),
    "detectrl": ("detectrl",),
    "m4_llama2": ("m4_llama2",),
    "mixset": ("mixset",),
    "raidar": ("raidar",),
    "wiki_news_gpt35": ("wiki_news_gpt35",),
    "katfish_ko": ("katfish_ko",),
    "cowsl2h_essays_es": ("cowsl2h_essays_es",),
    "alpaca_eval_and_gum": ("modern_alpaca_eval", "modern_human_gum"),
}
TUNED_ON = ("detectrl", "raidar", "l2r", "outfox", "detector_bias")
CIRCUMSTANCES = "date commit machine python numpy torch detector weights protocol tuned_on"
PLACE = "dataset language words slice value n_human n_ai"
MEASURES = "auroc fpr_at_5 tpr_at_5 fpr_at_1 tpr_at_1 oracle_tpr_at_5 oracle_tpr_at_1"
COLUMNS = " ".join((CIRCUMSTANCES, PLACE, MEASURES)).split()


class Trained(Detector, Protocol):
    """A detector over weights."""

    fingerprint: Fingerprint


def judge(
    examples: Sequence[Example], detector: Detector, calibration: Calibration, *, n_words: int
) -> list[Judged]:
    """One window of exactly `n_words` of every example that is as long."""
    rng = random.Random(0)
    long_enough = [one for one in examples if len(one.text.split()) >= n_words]
    texts = [window_of(one.text, n_words, rng=rng) for one in long_enough]
    return [
        Judged(one, score.value, _flags(calibration, one.language, score.n_tokens, score.value))
        for one, score in zip(long_enough, detector.score(texts), strict=True)
        if score.value is not None
    ]


def _flags(
    calibration: Calibration, language: str, n_tokens: int, value: float
) -> tuple[bool, ...] | None:
    cell = calibration.cell(language, n_tokens)
    return None if cell is None else tuple(value > cell.threshold(rate) for rate in RATES)


def rows(
    name: str,
    examples: Sequence[Example],
    detector: Detector,
    calibration: Calibration,
) -> Iterator[dict[str, object]]:
    """The rows of one set: every language, length and slice."""
    for language in sorted({one.language for one in examples}):
        of_language = [one for one in examples if one.language == language]
        for n_words in LENGTHS_WORDS:
            judged = judge(of_language, detector, calibration, n_words=n_words)
            for kind, value, members in slices(judged) if judged else []:
                if kind in ("generator", "attack") and n_words != DETAILED_WORDS:
                    continue
                place = {"dataset": name, "language": language, "words": n_words}
                yield place | {"slice": kind, "value": value} | measures(members)


def never_trained(
    detector: Trained, data: Path, *, most: int | None = None
) -> Iterator[dict[str, object]]:
    """The shipped model on sets that no weight and no threshold was fitted on.

    most: texts of each label and language of a set; None = all.
    """
    calibration = calibration_for(detector.fingerprint)
    if calibration is None:
        raise SystemExit(f"no calibration ships for {detector.spec.name} with these weights")
    sets = dict(labelled_sets(data))
    for name, files in NEVER_TRAINED.items():
        examples = [one for file in files for one in sets[file]]
        yield from rows(name, some_of(examples, most), detector, calibration)
    yield from rows("anchor", some_of(anchor(data), most), detector, calibration)


def held_out(
    data: Path, config: Config, *, most: int | None = None, checkpoints: Path | None = None
) -> Iterator[dict[str, object]]:
    """Each held-out unit scored by a model, and read by thresholds, that never saw it."""
    examples = select((one for _, some in labelled_sets(data) for one in some), config)
    models = held_out_models(examples, config, checkpoints=checkpoints)
    folds = [(config.kind.detector(model), members) for model, members in models]
    limit = None if most is None else config.max_windows
    scored = [
        (one.unit, item)
        for detector, members in folds
        for one, item in scored_windows(members, detector, seed=config.seed, most=limit)
    ]
    for detector, members in folds:
        for unit in sorted({one.unit for one in members}):
            others = [item for other, item in scored if other != unit]
            made = cells(others, rule=config.cell_rule)
            calibration = Calibration(detector.fingerprint, "", made)
            of_unit = [one for one in members if one.unit == unit]
            yield from rows(unit, some_of(of_unit, most), detector, calibration)


def some_of(examples: Sequence[Example], most: int | None) -> list[Example]:
    """At most that many of each label and language, always the same."""
    groups: dict[tuple[bool, str], list[Example]] = {}
    for one in examples:
        groups.setdefault((one.is_ai, one.language), []).append(one)
    rng = random.Random(0)
    return [
        one
        for _, group in sorted(groups.items())
        for one in (group if most is None else rng.sample(group, min(len(group), most)))
    ]


def circumstances(detector: Trained, protocol: str) -> dict[str, object]:
    """Where, when and with what a row was measured."""
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False, cwd=HERE).stdout
    return {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "commit": commit.strip() or "none",
        "machine": f"{platform.machine()} x{os.cpu_count()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "detector": f"{detector.spec.name} {detector.spec.version}",
        "weights": detector.fingerprint.weights[:12],
        "protocol": protocol,
    }


def append(measured: Iterable[dict[str, object]], detector: Trained, protocol: str) -> None:
    """Append rows to the CSV of the detector's name."""
    path = HERE / f"{detector.spec.name}.csv"
    is_new = not path.exists()
    common = circumstances(detector, protocol)
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        if is_new:
            writer.writeheader()
        for row in measured:
            writer.writerow(common | {"tuned_on": row["dataset"] in TUNED_ON} | row)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="linear.py")
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--config", type=Path, default=HERE / "linear.yaml")
    asked = parser.parse_args()
    data, detector = Path(os.environ["PROVENANCE_DATA"]), LinearDetector()
    if asked.held_out:
        append(held_out(data, load_config(asked.config)), detector, "held_out")
    else:
        append(never_trained(detector, data), detector, "never_trained")


if __name__ == "__main__":
    main()
