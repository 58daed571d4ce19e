"""Fits the shipped fusion on held-out scores, and measures what it finds that its members do not.

    python benchmarks/quality/fusion.py --folds DIR                       # measure: fusion.csv
    python benchmarks/quality/fusion.py --folds DIR --out detectors/weights/fusion.json
                                        [--encoder] [--statistics DIR]    # fit what ships
    python benchmarks/quality/fusion.py --folds DIR --states STATES [--out ...]   # with the probe

Windows of every text that the embedded detectors were trained on, at every calibrated length, at
most 100 of a source and label each; scored by models that never saw the text's unit (`fold_models.
py`) and read by the calibrations that ship. --encoder: also fitted with it, on at most 30 windows
of a source, label and length. --statistics: and with the detectors of a language model's statistics
(parts of `scored_texts.py`), on beginnings of those texts; these too are held out. --states: with
the probe, on beginnings of its texts (parts of `probe_states.py`); what is fitted then joins what
ships for other sets of detectors.

Rows of fusion.csv (texts: `windows`, or `statistics` and `probe` for those beginnings): each unit
of dependence (a data set, or a source of human text) in turn is left out of the calibration or
fusion that reads it. realised: the share of its human texts at or under the nominal rate, by the
mean over the lengths that hold 30 of them; found: of its machine texts. `unit` "all" is the mean
over units, with the share of units whose realised rate is above the nominal one, and above twice;
units whose human texts are not dated are not in these. rule: `new_source` is the shipped one
(`human_tails.new_source_rate`), `highest` the highest conformal tail of any source, `pooled` that
of all texts together.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from corpora import labelled_sets
from fold_models import FoldModels
from held_out import HERE, cut
from linear import circumstances
from probe import held_out_scores
from probe_states import read as read_states
from scored_texts import ScoredText, Tokenizer, read
from statistics_calibration import Known, Profiles, detectors_for, options_of_parts

from detectors.calibrate import LENGTHS, CellRule
from detectors.calibration import Calibration
from detectors.classifier.examples import Example
from detectors.classifier.linear import LinearDetector
from detectors.classifier.training import windows
from detectors.fusion import Fusion, fit
from detectors.human_tails import source_tails, text_tails
from detectors.panel import DetectorStep, raw_of
from detectors.perplexity.calibrating import select
from detectors.registry import detector_class
from detectors.shipped import calibration_for, member
from provenance.engines.train import load_config

RATES: Final = (0.05, 0.01)
MOST, MOST_SLOW = 100, 30  # windows of a source and label at a length
MIN_READ: Final = 30  # texts of a unit and length that a rate is of
EMBEDDED: Final = ("linear", "stylometry")
STATISTICS: Final = ("perplexity", "fast_detect", "token_profile")
CIRCUMSTANCES: Final = "date commit machine python numpy weights texts detector"
MEASURES: Final = "rule rate unit n_human n_ai realised found units_above units_above_twice"
COLUMNS: Final = f"{CIRCUMSTANCES} {MEASURES}".split()

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Asked:
    """A window of a text, and what each detector said of it: (score, tokens), where it did."""

    example: Example
    said: Mapping[str, tuple[float, int]]


def embedded_windows(folds: Mapping[str, FoldModels]) -> Iterator[Asked]:
    """Windows of every text that a fold holds out, fold by fold; the first detector's folds."""
    first = next(iter(folds.values()))
    by_fold: dict[int | None, list[Example]] = {}
    for one in first.chosen:
        by_fold.setdefault(first.fold(one), []).append(one)
    for _, examples in sorted(by_fold.items(), key=str):
        for filled in windows(examples, seed=first.config.seed, most=MOST):
            yield from asked_of(filled, folds)


def asked_of(
    filled: Sequence[tuple[Example, str]], folds: Mapping[str, FoldModels]
) -> Iterator[Asked]:
    """What the detectors say of windows; the encoder of some, that it did not see."""
    said: list[dict[str, tuple[float, int]]] = [{} for _ in filled]
    counts: dict[tuple[str, bool], int] = {}
    is_few = np.zeros(len(filled), dtype=bool)
    for i, (one, _) in enumerate(filled):
        key = one.source, one.is_ai
        counts[key] = counts.get(key, 0) + 1
        is_few[i] = counts[key] <= MOST_SLOW
    for name, models in folds.items():
        may = [i for i in range(len(filled)) if name in EMBEDDED or is_few[i]]
        held = [i for i in may if models.fold(filled[i][0]) is not None]
        for fold in sorted({models.fold(filled[i][0]) or 0 for i in held}):
            rows = [i for i in held if models.fold(filled[i][0]) == fold]
            values = scores_of(models.detector(filled[rows[0]][0]), [filled[i][1] for i in rows])
            for i, found in zip(rows, values, strict=True):
                if found is not None:
                    said[i][name] = found
    for (one, _), found_of in zip(filled, said, strict=True):
        yield Asked(one, found_of)


def scores_of(detector: Any, texts: Sequence[str]) -> list[tuple[float, int] | None]:
    """Score and tokens of each text, None where the detector abstained."""
    (raw,) = DetectorStep(detector).score(texts).values()
    return [
        None if why else (value, n)
        for value, n, why in zip(
            raw.scores.tolist(), raw.n_tokens.tolist(), raw.reasons, strict=True
        )
    ]


def statistics_windows(folder: Path, folds: Mapping[str, FoldModels]) -> Iterator[Asked]:
    """A beginning of each scored text, at random lengths, asked of every detector."""
    texts = [one for one in read(folder) if one.example.language == "en"]
    options, tokenizer = options_of_parts(), Tokenizer()
    licensed = {one.text for one in select((one.example for one in texts), options)}
    profiles, scorer = Profiles(texts), Known([])
    rng = np.random.default_rng(options.seed)
    beginnings: list[tuple[ScoredText, int]] = [
        (one, int(rng.integers(65, len(one.token_ids) + 1)))
        for one in texts
        if one.example.text in licensed and len(one.token_ids) > 65
        for _ in range(2)
    ]
    chosen = [(one.example, cut(one, n, tokenizer).text) for one, n in beginnings]
    for asked, (one, n) in zip(asked_of(chosen, folds), beginnings, strict=True):
        said = dict(asked.said)
        statistics = one.statistics(n, without=np.empty(0, np.int64))
        for name, detector in detectors_for(one.example.unit, scorer, profiles).items():
            raw = raw_of(detector.score_statistics([statistics]))
            if raw.reasons[0] is None:
                said[name] = float(raw.scores[0]), int(raw.n_tokens[0])
        yield Asked(asked.example, said)


def probe_windows(folder: Path, folds: Mapping[str, FoldModels]) -> Iterator[Asked]:
    """Beginnings of the texts whose mean states are there, asked of the probe and the others."""
    tokenizer = Tokenizer()
    scored = list(held_out_scores(read_states(folder)))
    chosen = [(one.example, tokenizer.beginning(one.example.text, one.lengths[k]))
              for one, k, _ in scored]  # fmt: skip
    for asked, (one, k, value) in zip(asked_of(chosen, folds), scored, strict=True):
        yield Asked(asked.example, {**asked.said, "probe": (value, one.lengths[k])})


def ratios(asked: Sequence[Asked], calibrations: Mapping[str, Calibration]) -> np.ndarray:
    """Log-likelihood ratios, float64 [n, d], NaN = abstained."""
    columns = []
    for name, calibration in calibrations.items():
        said = [one.said.get(name, (np.nan, 0)) for one in asked]
        scores = np.array([value for value, _ in said], np.float32)
        lengths = np.array([n for _, n in said], np.int32)
        read_ = calibration.read_many(scores, [one.example.language for one in asked], lengths)
        columns.append(read_.llr.astype(np.float64))
    return np.column_stack(columns)


def fitted(
    asked: Sequence[Asked], calibrations: Mapping[str, Calibration], rule: CellRule
) -> Fusion:
    """The fusion of these windows."""
    return fit(
        ratios(asked, calibrations),
        np.array([one.example.is_ai for one in asked]),
        [one.example.unit for one in asked],
        list(calibrations),
        members={name: member(one) for name, one in calibrations.items()},
        data_digest=_digest(asked),
        rule=rule,
    )


def _digest(asked: Sequence[Asked]) -> str:
    total = hashlib.sha256()
    for one in asked:
        example = one.example
        total.update(f"{example.label}\0{example.group}\0{sorted(one.said.items())}\0".encode())
    return total.hexdigest()


def shipped_calibrations(names: Sequence[str]) -> dict[str, Calibration]:
    """By detector; those that have none are left out."""
    found = {}
    for name in names:
        cls: Any = detector_class(name)
        calibration = calibration_for(_fingerprint(cls))
        if calibration is not None:
            found[name] = calibration
    return found


def _fingerprint(cls: Any) -> Any:
    if cls.spec.needs == "nothing":
        return cls().fingerprint
    # Loads the model, to know what its scores depend on.
    from detectors.steady import SteadyModel

    return cls(SteadyModel.load("smollm2-135m")).fingerprint


Tails = Callable[[Sequence[Sequence[float]]], tuple[np.ndarray, np.ndarray]]


def highest(sources: Sequence[Sequence[float]]) -> tuple[np.ndarray, np.ndarray]:
    """Steps of the highest conformal tail of any source."""
    ordered = [np.sort(values) for values in sources]
    at = np.unique(np.concatenate(ordered))[::-1]
    tails = np.max(
        [(1 + len(v) - np.searchsorted(v, at, side="left")) / (len(v) + 1) for v in ordered], axis=0
    )
    least = max(1 / (len(v) + 1) for v in ordered)
    return at, np.r_[least, tails]


def pooled(sources: Sequence[Sequence[float]]) -> tuple[np.ndarray, np.ndarray]:
    """Steps of the conformal tail of all texts together."""
    return text_tails(np.concatenate([np.asarray(values) for values in sources]).tolist())


RULES: Final[Mapping[str, tuple[Tails, int]]] = {  # and the texts of a source that has a say
    "new_source": (source_tails, 30),
    "highest": (highest, 99),
    "pooled": (pooled, 1),
}


def tails_without(
    asked: Sequence[Asked], values: np.ndarray, unit: str, rule: str, undated: Sequence[str]
) -> np.ndarray:
    """Tails of the unit's texts by the human texts of all others, NaN = no reference."""
    tails_of, fewest = RULES[rule]
    sources: dict[str, list[float]] = {}
    for one, value in zip(asked, values.tolist(), strict=True):
        example = one.example
        if not example.is_ai and example.unit not in (unit, *undated) and np.isfinite(value):
            sources.setdefault(example.source, []).append(value)
    heard = [values for values in sources.values() if len(values) >= fewest]
    own = np.array([one.example.unit == unit for one in asked], dtype=bool)
    if len(heard) < 9:
        return np.full(own.sum(), np.nan)
    scores, tails = tails_of(heard)
    return np.where(
        np.isnan(values[own]), np.nan, tails[np.searchsorted(-scores, -values[own], side="right")]
    )


def left_out(
    asked: Sequence[Asked], values: np.ndarray, rule: str, undated: Sequence[str]
) -> Iterator[Row]:
    """Realised and found rates of every unit, each by a reference without it; then their means."""
    units = sorted({one.example.unit for one in asked})
    words = np.array([max(n for _, n in one.said.values()) if one.said else 0 for one in asked])
    rows: dict[float, list[Row]] = {rate: [] for rate in RATES}
    for unit in units:
        tails, is_ai, at = [], [], []
        for k, (low, high) in enumerate(LENGTHS):
            chosen = np.flatnonzero((words >= low) & (words <= high))
            some = [asked[i] for i in chosen]
            tails.append(tails_without(some, values[chosen], unit, rule, undated))
            own = [one.example.is_ai for one in some if one.example.unit == unit]
            is_ai.append(np.array(own, dtype=bool))
            at.append(np.full(len(own), k))
        all_tails, all_ai, lengths = map(np.concatenate, (tails, is_ai, at))
        for rate in RATES:
            rows[rate].append(
                {
                    "rule": rule,
                    "rate": rate,
                    "unit": unit,
                    "n_human": int((~all_ai).sum()),
                    "n_ai": int(all_ai.sum()),
                    "realised": _mean_share(all_tails, lengths, ~all_ai, rate),
                    "found": _mean_share(all_tails, lengths, all_ai, rate),
                }
            )
    for rate in RATES:
        if any(row["realised"] != "" for row in rows[rate]):
            yield from rows[rate]
            yield _means(rows[rate], rule, rate, undated)


def _mean_share(
    tails: np.ndarray, lengths: np.ndarray, chosen: np.ndarray, rate: float
) -> float | str:
    shares = []
    for k in range(len(LENGTHS)):
        own = tails[chosen & (lengths == k) & np.isfinite(tails)]
        if len(own) >= MIN_READ:
            shares.append(np.mean(own <= rate * (1 + 1e-9)))
    return round(float(np.mean(shares)), 4) if shares else ""


def _means(rows: Sequence[Row], rule: str, rate: float, undated: Sequence[str]) -> Row:
    human = [
        row["realised"] for row in rows if row["realised"] != "" and row["unit"] not in undated
    ]
    found = [row["found"] for row in rows if row["found"] != ""]
    realised = np.array(human, np.float64)
    return {
        "rule": rule, "rate": rate, "unit": "all",
        "n_human": len(human), "n_ai": len(found),
        "realised": round(float(realised.mean()), 4),
        "found": round(float(np.mean(np.array(found, np.float64))), 4),
        "units_above": round(float((realised > rate).mean()), 4),
        "units_above_twice": round(float((realised > 2 * rate).mean()), 4),
    }  # fmt: skip


def held_out_ratios(
    asked: Sequence[Asked], calibrations: Mapping[str, Calibration], rule: CellRule
) -> np.ndarray:
    """Joint ratios, each by weights that were fitted without the text's unit, [n]."""
    units = np.array([one.example.unit for one in asked])
    llrs, values = ratios(asked, calibrations), np.full(len(asked), np.nan)
    is_ai = np.array([one.example.is_ai for one in asked])
    without_tails = replace(rule, min_per_source=len(asked))
    for unit in np.unique(units):
        held = units == unit
        rest = fit(llrs[~held], is_ai[~held], units[~held].tolist(), list(calibrations),
                   rule=without_tails)  # fmt: skip
        values[held] = rest.llr(llrs[held])[0]
    return values


def measured(
    asked: Sequence[Asked], calibrations: Mapping[str, Calibration], rule: CellRule
) -> Iterator[Row]:
    """Rows of each detector, of the embedded ones together, and of all together."""
    llrs = ratios(asked, calibrations)
    for i, name in enumerate(calibrations):
        for kind in RULES if name == "linear" else ["new_source"]:
            found = left_out(asked, llrs[:, i], kind, rule.undated)
            yield from ({"detector": name} | row for row in found)
    for names in dict.fromkeys((EMBEDDED, tuple(calibrations))):
        joined = {name: calibrations[name] for name in names}
        values = held_out_ratios(asked, joined, rule)
        found = left_out(asked, values, "new_source", rule.undated)
        yield from ({"detector": "+".join(names)} | row for row in found)


def append(texts: str, rows: Iterator[Row]) -> None:
    """Append rows to fusion.csv, and print the means."""
    path = HERE / "fusion.csv"
    is_new = not path.exists()
    common = circumstances(LinearDetector(), "") | {"texts": texts}
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, COLUMNS, restval="", extrasaction="ignore", lineterminator="\n"
        )
        if is_new:
            writer.writeheader()
        for row in rows:
            writer.writerow(common | row)
            if row["unit"] == "all":
                print(row, flush=True)


def main() -> None:
    """Fit, or measure."""
    parser = argparse.ArgumentParser(prog="fusion.py")
    parser.add_argument("--folds", type=Path, required=True)
    parser.add_argument("--encoder", action="store_true")
    parser.add_argument("--statistics", type=Path)
    parser.add_argument("--states", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    sets = dict(labelled_sets(Path(os.environ["PROVENANCE_DATA"])))
    names = (*EMBEDDED, *(("encoder",) if given.encoder else ()))
    configs = {name: load_config(HERE / f"{name}.yaml") for name in names}
    folds = {name: FoldModels(sets, config, given.folds) for name, config in configs.items()}
    if given.states:
        asked = {"probe": list(probe_windows(given.states, folds))}
        names = (*names, "probe")
    else:
        asked = {"windows": list(embedded_windows(folds))}
    if given.statistics:
        asked["statistics"] = list(statistics_windows(given.statistics, folds))
        names = (*names, *STATISTICS)
    calibrations, rule = shipped_calibrations(names), configs["linear"].cell_rule
    if given.out:
        ship([one for some in asked.values() for one in some], calibrations, rule, given.out)
        return
    for texts, some in asked.items():
        said = {name for one in some for name in one.said}
        of_these = {name: one for name, one in calibrations.items() if name in said}
        append(texts, measured(some, of_these, rule))


def ship(
    asked: Sequence[Asked], calibrations: Mapping[str, Calibration], rule: CellRule, out: Path
) -> None:
    """Write the fusion, beside what is there for other sets of detectors; say what is in it."""
    fusion = fitted(asked, calibrations, rule)
    out.parent.mkdir(parents=True, exist_ok=True)
    if "probe" in calibrations and out.exists():
        fusion = _beside(Fusion.load(out, members=fusion.members or {}), fusion)
    fusion.save(out)
    for one in fusion.combinations:
        counts = one.n_human, one.n_ai, one.n_groups
        print(one.members, *counts, one.beta.round(3), len(one.tails))


def _beside(old: Fusion, new: Fusion) -> Fusion:
    """Both; for a set of detectors that both know, the old."""
    names = tuple(dict.fromkeys((*old.names, *new.names)))
    added = [one for one in new.combinations if old.combination(one.members) is None]
    digests = f"{old.data_digest} {new.data_digest}".encode()
    return Fusion(
        names,
        (*old.combinations, *added),
        {**(old.members or {}), **(new.members or {})},
        hashlib.sha256(digests).hexdigest(),
    )


if __name__ == "__main__":
    main()
