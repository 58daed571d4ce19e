"""Calibrations of the detectors that read SmolLM2's statistics, from texts that were scored before.

    python benchmarks/quality/statistics_calibration.py STATISTICS detectors/perplexity/weights

STATISTICS: parts written by `scored_texts.py`: the first 512 tokens of each text, so that the cell
of 400 to 799 tokens rests on beginnings of 400 to 511. Only texts that the configuration of the
linear detector allows are read. The token profile is fitted on texts, so each is scored by a model
that was fitted without its unit; the other detectors are fitted on nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from held_out import HERE, fitting_texts, token_model
from scored_texts import SCORER, ScoredText, Tokenizer, read

from detectors.calibrate import Scored, cells
from detectors.calibration import Calibration, Fingerprint
from detectors.classifier.examples import Example
from detectors.classifier.named import NamedModel
from detectors.classifier.training import dealt
from detectors.perplexity.calibrating import Options, beginnings, digest, select
from detectors.perplexity.fast_detect import FastDetect
from detectors.perplexity.perplexity import Perplexity
from detectors.perplexity.token_profile import TokenProfile
from detectors.protocol import TokenStatistics
from provenance.engines.train import load_config

N_FOLDS: Final = 8
NOTHING: Final = np.empty(0, np.int64)


class Known:
    """A scorer that knows some texts and has no weights: a `perplexity.calibrating.Reader`."""

    def __init__(self, texts: Sequence[ScoredText]) -> None:
        self._ids = {one.example.text: one.token_ids for one in texts}
        self._of_ids = {
            one.token_ids.tobytes(): one.statistics(len(one.token_ids), without=NOTHING)
            for one in texts
        }

    def encode(self, texts: Sequence[str]) -> list[np.ndarray]:
        return [self._ids[text] for text in texts]

    def statistics_of_ids(self, ids: Sequence[np.ndarray]) -> list[TokenStatistics]:
        return [self._of_ids[one.tobytes()] for one in ids]

    def statistics(self, texts: Sequence[str]) -> list[TokenStatistics]:
        return self.statistics_of_ids(self.encode(texts))

    def fingerprint(self, spec: Any) -> Fingerprint:
        raise LookupError(f"{spec.name}: what texts score is known here, not by which weights")


class Profiles:
    """Token profiles fitted without each unit in turn."""

    def __init__(self, texts: Sequence[ScoredText]) -> None:
        fitting = fitting_texts(texts, load_config(HERE / "linear.yaml"), Tokenizer())
        folds = dealt([one.example for one in fitting], n_folds=N_FOLDS)
        self._fold = {unit: k for k, units in enumerate(folds) for unit in units}
        self._models: list[NamedModel] = [
            token_model([one for one in fitting if one.example.unit not in units])
            for units in folds
        ]

    def without(self, unit: str) -> NamedModel:
        """A model that was fitted without the unit."""
        return self._models[self._fold.get(unit, 0)]


def detectors_for(unit: str, scorer: Known, profiles: Profiles) -> Mapping[str, Any]:
    """The detectors that may be asked about texts of a unit, by name."""
    return {
        "perplexity": Perplexity(scorer),
        "fast_detect": FastDetect(scorer),
        "token_profile": TokenProfile(scorer, profiles.without(unit)),
    }


def scores(
    scorer: Known, chosen: Sequence[Example], profiles: Profiles, *, seed: int
) -> Iterator[tuple[str, Scored]]:
    """Detector and score of every beginning of every text."""
    by_unit = {one.unit: detectors_for(one.unit, scorer, profiles) for one in chosen}
    for one, statistics in beginnings(scorer, chosen, seed=seed):
        for name, detector in by_unit[one.unit].items():
            (score,) = detector.score_statistics([statistics])
            if score.value is not None:
                yield name, Scored(score.value, score.n_tokens, one.language, one.unit, one.is_ai)


def main() -> None:
    """Write a calibration of each detector that has a cell, and say which cells."""
    # Loads the model, to know what a run's scores will depend on.
    from detectors.steady import SteadyModel

    parser = argparse.ArgumentParser(prog="statistics_calibration.py")
    parser.add_argument("statistics", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    texts = [one for one in read(given.statistics) if one.example.language == "en"]
    options, scorer = options_of_parts(), Known(texts)
    chosen = select((one.example for one in texts), options)
    by_name: dict[str, list[Scored]] = {}
    for name, scored in scores(scorer, chosen, Profiles(texts), seed=options.seed):
        by_name.setdefault(name, []).append(scored)
    steady: Any = SteadyModel.load(SCORER)
    given.out.mkdir(parents=True, exist_ok=True)
    classes: tuple[Any, ...] = (Perplexity, FastDetect, TokenProfile)
    for cls in classes:
        name = cls.spec.name
        made = cells(by_name[name], rule=options.cell_rule)
        calibration = Calibration(cls(steady).fingerprint, digest(chosen), made)
        for cell in made:
            print(name, cell.name, cell.n_human, len(cell.sources), cell.n_ai, cell.tails[0])
        if made:
            calibration.save(given.out / f"{SCORER}.{name}.calibration.json")


def options_of_parts() -> Options:
    """What the linear detector may be trained on, and the corpora, all of which are licensed."""
    options = Options.load(HERE / "linear.yaml")
    licences = {**options.allowed.licences, "human/corpora": "as in linear.md"}
    return replace(options, allowed=replace(options.allowed, licences=licences))


if __name__ == "__main__":
    main()
