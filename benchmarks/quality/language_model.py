"""What each statistic of a language model tells, per generator and domain.

    python benchmarks/quality/language_model.py smollm2-135m            # fast_detect_gpt.parquet
    python benchmarks/quality/language_model.py FOLDER --file detectrl --domains "" --generators ""

A condition is one generator's texts of one domain against human texts of that domain: those that
begin alike where there are any (both classes of fast_detect_gpt begin with the same human words),
else any; seeded samples. One pass scores a text for all detectors. The threshold is
set on the very human texts, as the papers do: it says how well a statistic ranks, not what a
calibrated detector is worth. Texts that abstain are counted and left out. auroc_low, auroc_high:
within which 95 % of the AUROCs of resampled texts lie, each class on its own.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import os
import platform
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import torch

from detectors.language_model import LanguageModel
from detectors.measures import auroc, oracle_tpr
from detectors.protocol import Detector
from detectors.registry import BUILT_IN, detector_class

HERE = Path(__file__).parent
TABLE = HERE / "language_model.csv"
DATA = Path(os.environ.get("PROVENANCE_DATA", "."))
PACKAGES = ("torch", "transformers", "numpy")
RESAMPLES = 1000

Texts = list[str]


def conditions(
    file: str, generators: Sequence[str], *, n_human: int, n_machine: int
) -> Iterator[tuple[str, str, Texts, Texts]]:
    """(domain, generator, human texts, machine texts), un-attacked English; seeded samples."""
    groups: dict[tuple[str, str], Texts] = defaultdict(list)
    for row in pq.read_table(DATA / "detection" / f"{file}.parquet").to_pylist():
        if row["language"] == "en" and row["attack"] == "none":
            groups[row["domain"], row["generator"] if row["label"] == "ai" else "human"].append(
                row["text"]
            )
    for (domain, generator), texts in sorted(groups.items()):
        human = groups.get((domain, "human"))
        if generator == "human" or human is None or (generators and generator not in generators):
            continue
        chosen = _sample(texts, n_machine)
        yield domain, generator, _sample(_alike(human, chosen) or human, n_human), chosen


def _alike(human: Texts, machine: Texts) -> Texts:
    """The human texts that begin as one of the machine texts does."""
    beginnings = {text[:50] for text in machine}
    return [text for text in human if text[:50] in beginnings]


def _sample(texts: Texts, n: int) -> Texts:
    return random.Random(0).sample(sorted(texts), min(n, len(texts)))


def detectors(model: LanguageModel) -> dict[str, Any]:
    """Every registered detector that needs one model."""
    classes: dict[str, type[Detector]] = {name: detector_class(name) for name in BUILT_IN}
    return {n: c(model) for n, c in classes.items() if c.spec.needs == "model"}  # type: ignore[call-arg]


class Scorer:
    """Values by detector; a text is read once however often it is asked for."""

    def __init__(self, model: LanguageModel) -> None:
        self._model, self._detectors = model, detectors(model)
        self._seen: dict[str, dict[str, float | None]] = {}

    def __call__(self, texts: Texts) -> dict[str, np.ndarray]:
        """Detector -> its values of the texts that it does not abstain from."""
        new = [text for text in texts if text not in self._seen]
        for start in range(0, len(new), 32):
            self._read(new[start : start + 32])
        return {
            name: np.array([v for t in texts if (v := self._seen[t][name]) is not None])
            for name in self._detectors
        }

    def _read(self, texts: Texts) -> None:
        statistics = self._model.statistics(texts)
        values = {n: d.score_statistics(statistics) for n, d in self._detectors.items()}
        for i, text in enumerate(texts):
            self._seen[text] = {name: scores[i].value for name, scores in values.items()}


def rows(human: Mapping[str, np.ndarray], ai: Mapping[str, np.ndarray]) -> Iterator[dict[str, Any]]:
    """One row per detector."""
    for name in human:
        low, high = interval(human[name], ai[name])
        yield {
            "detector": name,
            "n_human": len(human[name]),
            "n_ai": len(ai[name]),
            "auroc": round(auroc(human[name], ai[name]), 4),
            "oracle_tpr_at_5": round(oracle_tpr(human[name], ai[name], 0.05), 4),
            "auroc_low": round(low, 4),
            "auroc_high": round(high, 4),
        }


def interval(human: np.ndarray, ai: np.ndarray) -> tuple[float, float]:
    """2.5 % and 97.5 % quantiles of the AUROC of resampled texts."""
    rng = np.random.default_rng(0)
    made = [auroc(rng.choice(human, len(human)), rng.choice(ai, len(ai))) for _ in range(RESAMPLES)]
    low, high = np.quantile(made, [0.025, 0.975]).tolist()
    return low, high


def record(row: Mapping[str, Any]) -> None:
    """Append one row to the table."""
    new = not TABLE.exists()
    with TABLE.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(row))
        if new:
            writer.writeheader()
        writer.writerow(row)


def circumstances(model: LanguageModel) -> dict[str, Any]:
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=HERE, capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": commit,
        "machine": f"{platform.machine()} x{os.cpu_count()}",
        "versions": json.dumps({name: version(name) for name in PACKAGES}),
        "model": Path(model.source).name,
        "dtype": model.dtype,
        "width": model.windowing[0],
        "bos": bool(model.windowing[2]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--file", default="fast_detect_gpt")
    parser.add_argument("--generators", default="davinci,gpt-3.5-turbo")
    parser.add_argument("--domains", default="xsum,writing")
    parser.add_argument("--humans", type=int, default=150)
    parser.add_argument("--machines", type=int, default=150)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    if not (DATA / "detection").is_dir():
        sys.exit("set PROVENANCE_DATA to the folder that holds detection/")
    torch.set_num_threads(given.threads)
    model = LanguageModel.load(given.model, dtype=given.dtype)
    score, shared = Scorer(model), circumstances(model)
    generators = given.generators.split(",") if given.generators else []
    for domain, generator, human, ai in conditions(
        given.file, generators, n_human=given.humans, n_machine=given.machines
    ):
        if given.domains and domain not in given.domains.split(","):
            continue
        for row in rows(score(human), score(ai)):
            place = {"file": given.file, "domain": domain, "generator": generator}
            record({**shared, **place, **row})
            print(domain, generator, row, flush=True)


if __name__ == "__main__":
    main()
