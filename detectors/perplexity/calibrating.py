"""Calibrations of the detectors that read a language model, from texts whose licence allows it.

    python benchmarks/quality/corpora.py OUT
    python -m detectors.perplexity.calibrating benchmarks/quality/linear.yaml --data OUT \
        --model smollm2-135m --out detectors/perplexity/weights

One pass over each text serves every detector and length: a causal model says of the first n tokens
of a text what it would say of them alone. (From the second window on, it has read a little more of
what stands before.) Nothing is fitted on the texts but the calibrations, so that no text needs to
be held out. A length with too few sources has no cell, and there the detectors abstain.
"""

from __future__ import annotations

import argparse
import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import yaml
from numpy.typing import NDArray

from detectors.calibrate import LENGTHS, CellRule, Scored, cells
from detectors.calibration import Calibration
from detectors.classifier.examples import Allowed, Example, read_jsonl
from detectors.perplexity.detector import StatisticDetector
from detectors.protocol import Scorer, TokenStatistics
from detectors.registry import detector_class

DETECTORS: Final = ("perplexity", "fast_detect")
_MOST_TOKENS: Final = 1300  # of a text that are read
_CHUNK: Final = 64  # texts whose statistics are held at once


class Reader(Scorer[TokenStatistics], Protocol):
    """`language_model.LanguageModel`."""

    def encode(self, texts: Sequence[str]) -> list[NDArray[np.int64]]: ...

    def statistics_of_ids(self, ids: Sequence[NDArray[np.int64]]) -> list[TokenStatistics]: ...


@dataclass(frozen=True, slots=True)
class Options:
    """What of a training configuration counts here: which texts, how many, and when to abstain."""

    seed: int
    max_per_group: int
    allowed: Allowed
    cell_rule: CellRule

    @classmethod
    def load(cls, path: Path) -> Options:
        """The options in a YAML file; its other keys are about training."""
        raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        chosen = {field.name: raw[field.name] for field in fields(cls)}
        chosen |= {"allowed": Allowed(**raw["allowed"]), "cell_rule": CellRule(**raw["cell_rule"])}
        return cls(**chosen)


def select(examples: Iterable[Example], options: Options) -> list[Example]:
    """The examples that may be used, at most `max_per_group` of each group, drawn by the seed."""
    groups: dict[str, list[Example]] = {}
    for one in examples:
        if one in options.allowed and one.attack == "none":
            groups.setdefault(one.group, []).append(one)
    chosen: list[Example] = []
    for name, group in sorted(groups.items()):
        rng = random.Random(f"{options.seed}:{name}")
        chosen += rng.sample(group, min(len(group), options.max_per_group))
    return chosen


def calibrations(
    model: Reader, examples: Iterable[Example], options: Options, names: Sequence[str] = DETECTORS
) -> list[Calibration]:
    """A calibration of each of the detectors `names` over `model`, in that order."""
    chosen = select(examples, options)
    classes: list[Any] = [detector_class(name) for name in names]
    detectors: list[StatisticDetector[TokenStatistics]] = [cls(model) for cls in classes]
    found: list[list[Scored]] = [[] for _ in detectors]
    for one, statistics in beginnings(model, chosen, seed=options.seed):
        for scored, detector in zip(found, detectors, strict=True):
            (score,) = detector.score_statistics([statistics])
            if score.value is not None:
                scored.append(
                    Scored(score.value, score.n_tokens, one.language, one.unit, one.is_ai)
                )
    data = digest(chosen)
    return [
        Calibration(model.fingerprint(detector.spec), data, cells(scored, rule=options.cell_rule))
        for detector, scored in zip(detectors, found, strict=True)
    ]


def beginnings(
    model: Reader, examples: Sequence[Example], *, seed: int
) -> Iterator[tuple[Example, TokenStatistics]]:
    """Statistics of a beginning of each example at each calibrated length that it reaches."""
    rng = random.Random(seed)
    for start in range(0, len(examples), _CHUNK):
        chunk = examples[start : start + _CHUNK]
        ids = [one[:_MOST_TOKENS] for one in model.encode([example.text for example in chunk])]
        for one, tokens, whole in zip(chunk, ids, model.statistics_of_ids(ids), strict=True):
            n_read = len(whole.log_likelihood)
            for low, high in LENGTHS:
                if n_read >= low:
                    yield one, _first(whole, tokens, rng.randint(low, min(high, n_read)))


def _first(whole: TokenStatistics, tokens: NDArray[np.int64], n: int) -> TokenStatistics:
    """What would be said of the first tokens alone, of which `n` are predicted."""
    n_unpredicted = len(tokens) - len(whole.log_likelihood)
    return TokenStatistics(
        log_likelihood=whole.log_likelihood[:n],
        rank=whole.rank[:n],
        entropy=whole.entropy[:n],
        top1=whole.top1[:n],
        variance=whole.variance[:n],
        n_distinct=len(np.unique(tokens[: n + n_unpredicted])),
    )


def digest(examples: Iterable[Example]) -> str:
    """SHA-256 over labels, sources and texts, hex: names the data of a calibration."""
    total = hashlib.sha256()
    for one in examples:
        total.update(f"{one.label}\0{one.group}\0{one.text}\0".encode("utf-8", "replace"))
    return total.hexdigest()


def main(arguments: Sequence[str] | None = None) -> None:
    """Calibrate as asked on the command line."""
    parser = argparse.ArgumentParser(prog="python -m detectors.perplexity.calibrating")
    parser.add_argument("config", type=Path, help="which texts (YAML)")
    parser.add_argument("--data", type=Path, required=True, help="folder of *.jsonl.gz")
    parser.add_argument("--model", required=True, help="preset, folder, GGUF file or hub id")
    parser.add_argument("--detectors", nargs="+", default=DETECTORS, help="names")
    parser.add_argument("--out", type=Path, required=True, help="folder for the calibrations")
    asked = parser.parse_args(arguments)
    # Loads torch, which whoever wants the functions alone may not need.
    from detectors.language_model import LanguageModel  # noqa: PLC0415

    model, options = LanguageModel.load(asked.model), Options.load(asked.config)
    asked.out.mkdir(parents=True, exist_ok=True)
    for made in calibrations(model, read_jsonl(asked.data), options, asked.detectors):
        name = f"{Path(asked.model).stem}.{made.fingerprint.detector}.calibration.json"
        made.save(asked.out / name)


if __name__ == "__main__":
    main()
