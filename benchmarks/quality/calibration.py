"""Whether a false-positive rate is the one that was asked for.

    python benchmarks/quality/calibration.py --folds DIR
    python benchmarks/quality/calibration.py --folds DIR --statistics DIR  # language model too
    python benchmarks/quality/calibration.py --folds DIR --together stylometry

Human texts of every labelled set and human corpus, whole, by set and by domain:

own      100 of the group's own texts calibrate (19 for a language model), the others are read; 100
         seeded splits.
none     no text of the group's source calibrates: the shipped calibration for sets that were never
         trained on; for the others cells without the source, and a model that never saw it.
pooled   as "none", but with the rate of all reference texts together, as is usual.
ratio    the mean log loss, in bits at even odds, of the ratio that 100 human texts alone support,
         beside other ways to get one from the shipped calibration (`split` names the way).

--together: what the detector and others say jointly, by the fusion that ships; "none" for the sets
that none of them was trained on; with --most, of a sample of each group.

Each row of calibration.csv is one group and nominal rate: the realised rate in the mean over
splits, its standard deviation, where 95 % of the splits lie, and the share of texts on which the
detector abstains; for whole sets also the share of their machine texts that is `found`. The models
of the held-out folds are kept in, or made for, the folder --folds. --statistics: a folder of
Parquet files with the columns of `TokenStatistics` and of the labelled sets.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from corpora import labelled_sets
from fold_models import FoldModels
from linear import circumstances

from detectors.calibrate import LENGTHS, Scored, cells, human_cells, limited
from detectors.calibration import Calibration
from detectors.cascade import judge
from detectors.cell import Cell, tail_llr, texts_needed
from detectors.classifier.examples import Example
from detectors.classifier.training import Config
from detectors.human_tails import text_tails
from detectors.lineup import Lineup, group_of, load
from detectors.perplexity.fast_detect import FastDetect
from detectors.perplexity.log_rank import LogRank
from detectors.perplexity.perplexity import Perplexity
from detectors.protocol import TokenStatistics
from detectors.shipped import calibration_for
from provenance.engines.train import load_config

HERE = Path(__file__).parent
CONFIGS = {"probe": "linear"}  # which names the sets that the probe was fitted on
RATES = (0.05, 0.01)
PART_TEXTS = 128
N_OWN = 100
N_SPLITS = 100
MIN_LEFT = 50  # human texts of a group that are read at least
MOST_READ = 1000  # and at most, per split
N_OWN_STATISTICS = 19  # the least that can tell 5 %; every text costs a pass of a language model
MIN_LEFT_STATISTICS = 15
PLACE = "detector reference split dataset domain language n_human n_reference"
MEASURES = "rate realised deviation low high abstained found bits"
COLUMNS = f"date commit machine python numpy weights {PLACE} {MEASURES}".split()

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Item:
    """A scored text and where it is from."""

    example: Example
    scored: Scored


def item(example: Example, value: float, n_tokens: int) -> Item:
    scored = Scored(value, n_tokens, example.language, example.source, example.is_ai)
    return Item(example, scored)


class HeldOut(FoldModels):
    """Texts scored whole by models that never saw their unit."""

    def items(self, examples: Iterable[Example]) -> Iterator[Item]:
        """Every text long enough."""
        for one, value, n_tokens in self.scored(examples):
            yield item(one, value, n_tokens)


def groups(items: Sequence[Item]) -> dict[tuple[str, str, str], list[Item]]:
    """Texts by set, domain ("" = all) and language; a human corpus by source in place of domain."""
    found: dict[tuple[str, str, str], list[Item]] = {}
    for one in items:
        example = one.example
        is_corpus = example.dataset.startswith("human/")
        domain = example.source if is_corpus else example.domain
        for name in sorted({"", domain}):
            found.setdefault((example.dataset, name, example.language), []).append(one)
    return found


def read(calibration: Calibration, items: Sequence[Item]) -> np.ndarray:
    """Tails of the texts, float [n], NaN = abstained."""
    scores = np.array([one.scored.value for one in items], np.float64)
    lengths = np.array([one.scored.n_tokens for one in items], np.int32)
    readings = calibration.read_many(scores, [one.scored.language for one in items], lengths)
    return readings.human_tail.astype(np.float64)


def own(
    items: Sequence[Item],
    empty: Calibration,
    *,
    n_own: int = N_OWN,
    machine: Sequence[Item] = (),
) -> Iterator[Row]:
    """Realised rates with `n_own` of the group's own texts as the reference."""
    some = random.Random(0).sample(list(machine), min(len(machine), MOST_READ))
    for rate in (rate for rate in RATES if texts_needed(rate) <= n_own):
        shares, abstained, found = [], [], []
        for split in range(N_SPLITS):
            shuffled = random.Random(split).sample(list(items), len(items))
            made, _ = human_cells([one.scored for one in shuffled[:n_own]], fpr=rate)
            tails = read(replace(empty, cells=made), shuffled[n_own : n_own + MOST_READ])
            abstained.append(np.isnan(tails).mean())
            found.append(flagged(read(replace(empty, cells=made), some), rate))
            if np.isfinite(tails).any():
                shares.append(flagged(tails, rate))
        yield {
            "reference": "own", "split": N_SPLITS, "n_reference": n_own, "rate": rate,
            "abstained": round(float(np.mean(abstained)), 4), **spread(shares),
            "found": round(float(np.nanmean(found)), 4) if some else "",
        }  # fmt: skip


def flagged(tails: np.ndarray, rate: float) -> float:
    """Share of the texts that are read whose tail is at most the rate; NaN if none is."""
    known = tails[np.isfinite(tails)]
    return float((known <= np.float32(rate)).mean()) if len(known) else float("nan")


def spread(shares: Sequence[float]) -> Row:
    """Mean over splits, its deviation, and where 95 % of the splits are."""
    if not shares:
        return {}
    low, high = np.quantile(shares, [0.025, 0.975])
    names = ("realised", "deviation", "low", "high")
    numbers = (np.mean(shares), np.std(shares), low, high)
    return {name: round(float(x), 4) for name, x in zip(names, numbers, strict=True)}


def without(
    items: Sequence[Item], machine: Sequence[Item], calibration: Calibration, reference: str
) -> Iterator[Row]:
    """Realised rates with a calibration that has no text of the group's source."""
    yield from realised(read(calibration, items), read(calibration, machine), reference)


def realised(tails: np.ndarray, found: np.ndarray, reference: str) -> Iterator[Row]:
    """Rates of human texts with these tails, and of machine texts with those `found`."""
    abstained = round(float(np.isnan(tails).mean()), 4)
    for rate in RATES:
        row: Row = {"reference": reference, "rate": rate, "abstained": abstained}
        if abstained < 1:
            row["realised"] = round(flagged(tails, rate), 4)
            row["found"] = round(flagged(found, rate), 4) if len(found) else ""
        yield row


def pooled(windows: Sequence[Scored], config: Config) -> tuple[Cell, ...]:
    """Cells that state the rate of all reference texts together."""
    made = []
    for cell in cells(windows, rule=config.cell_rule):
        inside = [one for one in windows if cell.min_tokens <= one.n_tokens <= cell.max_tokens]
        kept = limited(inside, rule=config.cell_rule)
        scores, tails = text_tails([one.value for one in kept if not one.is_ai])
        made.append(replace(cell, unit="texts", scores=scores, tails=tails))
    return tuple(made)


def bits(ratios: np.ndarray, is_ai: np.ndarray) -> float:
    """Mean log loss at even odds; 1 is what knowing nothing costs."""
    loss = np.logaddexp(0.0, np.where(is_ai, -ratios, ratios)) / np.log(2)
    return round(float((loss[is_ai].mean() + loss[~is_ai].mean()) / 2), 4)


def ratios(
    items: Sequence[Item], shipped: Calibration, center: Mapping[int, float]
) -> Iterator[Row]:
    """The loss of each way to a ratio, over 10 splits."""
    human = [one.scored for one in items if not one.scored.is_ai]
    machine = [one.scored for one in items if one.scored.is_ai]
    by_start = {cell.min_tokens: cell for cell in shipped.cells}
    losses: dict[str, list[float]] = {}
    for split in range(10):
        shuffled = random.Random(split).sample(human, len(human))
        reference, rest = shuffled[:N_OWN], [*shuffled[N_OWN:], *machine]
        is_ai = np.array([one.is_ai for one in rest])
        scores, tails = text_tails([one.value for one in reference])
        values = np.array([one.value for one in rest])
        tail = tails[np.searchsorted(-scores, -values, side="right")]
        shift = float(np.median([one.value - center[start(one)] for one in reference]))
        ways: dict[str, np.ndarray] = {
            "e_value": tail_llr(tail).value,
            "sellke_bound": tail_llr(tail).high,
            "shipped": line(rest, by_start, shift=0.0),
            "shipped_shifted": line(rest, by_start, shift=shift),
        }
        for way, found in ways.items():
            losses.setdefault(way, []).append(bits(np.clip(found, -7, 7), is_ai))
    for way, found in losses.items():
        yield {"reference": "ratio", "split": way, "n_reference": N_OWN,
               "bits": round(float(np.mean(found)), 4)}  # fmt: skip


def start(one: Scored) -> int:
    return next(low for low, high in LENGTHS if low <= one.n_tokens <= high)


def line(rest: Sequence[Scored], by_start: Mapping[int, Cell], *, shift: float) -> np.ndarray:
    chosen = [by_start[start(one)] for one in rest]
    return np.array([cell.intercept + cell.slope * (one.value - shift)
                     for cell, one in zip(chosen, rest, strict=True)])  # fmt: skip


def read_by(held_out: HeldOut) -> Calibration:
    """The calibration that ships for the detector."""
    found = calibration_for(held_out.shipped.fingerprint)
    if found is None:
        raise SystemExit(f"no calibration ships for {held_out.config.detector}")
    return found


def embedded_rows(held_out: HeldOut, sets: Mapping[str, list[Example]]) -> Iterator[Row]:
    """All rows of a detector that reads texts itself."""
    windows = held_out.windows()
    shipped = read_by(held_out)
    human = [one for some in sets.values() for one in some if not one.is_ai]
    items = list(held_out.items(human))
    machine = machine_of(held_out, sets)
    made: dict[str, tuple[Calibration, Calibration]] = {}
    for place, some in sorted(groups(items).items()):
        named = dict(zip(("dataset", "domain", "language"), place, strict=True))
        named |= {"n_human": len(some)}
        ai = machine.get((place[0], place[2]), []) if not place[1] else []
        if len(some) >= N_OWN + MIN_LEFT:
            yield from (named | row for row in own(some, shipped, machine=ai))
        if len(some) < MIN_LEFT and "toefl" not in place[1]:
            continue
        unit = some[0].example.unit if place[1] or not place[0].startswith("human/") else ""
        if unit not in made:
            rest = [one for one in windows if one.source != unit]
            config = held_out.config
            made[unit] = (
                replace(shipped, cells=cells(rest, rule=config.cell_rule)),
                replace(shipped, cells=pooled(rest, config)),
            )
        if unit:
            for calibration, name in zip(made[unit], ("none", "pooled"), strict=True):
                yield from (named | row for row in without(some, ai, calibration, name))
    yield from ratio_rows(held_out, sets, windows, shipped)


def machine_of(
    held_out: HeldOut, sets: Mapping[str, list[Example]]
) -> dict[tuple[str, str], list[Item]]:
    """Machine texts by set and language."""
    found: dict[tuple[str, str], list[Item]] = {}
    for one in held_out.items(one for some in sets.values() for one in some if one.is_ai):
        found.setdefault((one.example.dataset, one.example.language), []).append(one)
    return found


def ratio_rows(
    held_out: HeldOut,
    sets: Mapping[str, list[Example]],
    windows: Sequence[Scored],
    shipped: Calibration,
) -> Iterator[Row]:
    """The ways to a ratio on every set with both labels."""
    center = {
        low: float(np.median([w.value for w in windows if start(w) == low and not w.is_ai]))
        for low, _ in LENGTHS
    }
    for name, examples in sets.items():
        items = list(held_out.items(examples)) if any(one.is_ai for one in examples) else []
        for place, some in sorted(groups(items).items()):
            n_human = sum(not one.scored.is_ai for one in some)
            if place[1] or n_human < N_OWN + MIN_LEFT or len(some) - n_human < N_OWN:
                continue
            named = {"dataset": name, "language": place[2], "n_human": n_human}
            yield from (named | row for row in ratios(some, shipped, center))


def together_rows(
    names: Sequence[str], sets: Mapping[str, list[Example]], most: int | None
) -> Iterator[Row]:
    """Realised rates of detectors together, on sets that none of them was trained on."""
    trained_on = {
        name
        for of in names
        for name in load_config(HERE / f"{CONFIGS.get(of, of)}.yaml").allowed.licences
    }
    unseen = [one for name, some in sets.items() if name not in trained_on for one in some]
    if most is not None:
        unseen = sampled(unseen, most)
    parts = [unseen[i : i + PART_TEXTS] for i in range(0, len(unseen), PART_TEXTS)]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as workers:
        read_ = workers.map(partial(joint_tails, tuple(names)), parts)
        tails = {id(one): tail for part, of in zip(parts, read_, strict=True)
                 for one, tail in zip(part, of, strict=True)}  # fmt: skip
    items = [item(one, 0.0, len(one.text.split())) for one in unseen]
    machine = groups([one for one in items if one.example.is_ai])
    for place, some in sorted(groups([one for one in items if not one.example.is_ai]).items()):
        ai = machine.get(place, []) if not place[1] else []
        if len(some) >= MIN_LEFT or "toefl" in place[1]:
            named = dict(zip(("dataset", "domain", "language"), place, strict=True))
            named |= {"detector": "+".join(names), "weights": "", "n_human": len(some)}
            human, found = (np.array([tails[id(one.example)] for one in of]) for of in (some, ai))
            yield from (named | row for row in realised(human, found, "none"))


def sampled(examples: Sequence[Example], most: int) -> list[Example]:
    """At most `most` human texts of a set, domain and language, and machine texts of a set."""
    found: dict[tuple[str, ...], list[Example]] = {}
    for one in examples:
        domain = "" if one.is_ai else one.domain
        found.setdefault((one.label, one.dataset, domain, one.language), []).append(one)
    rng = random.Random(0)
    return [
        one for _, some in sorted(found.items()) for one in rng.sample(some, min(len(some), most))
    ]


def joint_tails(names: tuple[str, ...], examples: Sequence[Example]) -> list[float]:
    """The joint p value of each text among human texts, NaN = all abstained."""
    lineup = _lineup(names)
    texts, languages = [one.text for one in examples], [one.language for one in examples]
    fused = judge(lineup.panel, lineup.fusion, texts, languages).fused
    tails: list[float] = fused.human_tail.astype(np.float64).tolist()
    return tails


@cache
def _lineup(names: tuple[str, ...]) -> Lineup:
    return load([group_of(name) for name in names])


def statistics_rows(folder: Path) -> Iterator[Row]:
    """Own references for detectors of a language model's statistics."""
    detectors = [cls(None) for cls in (Perplexity, LogRank, FastDetect)]  # type: ignore[arg-type]
    rows = [row for path in sorted(folder.glob("*.parquet")) for row in human_rows(path)]
    for detector in detectors:
        scores = detector.score_statistics([statistics_of(row) for row in rows])
        items = [
            item(example_of(row), score.value, score.n_tokens)
            for row, score in zip(rows, scores, strict=True)
            if score.value is not None
        ]
        for place, some in sorted(groups(items).items()):
            if len(some) >= N_OWN_STATISTICS + MIN_LEFT_STATISTICS:
                named = dict(zip(("dataset", "domain", "language"), place, strict=True))
                named |= {"detector": detector.spec.name, "n_human": len(some), "weights": ""}
                made = own(some, Calibration.load(), n_own=N_OWN_STATISTICS)
                yield from (named | row for row in made)


def human_rows(path: Path) -> list[dict[str, object]]:
    table = pq.read_table(path)
    return [row for row in table.to_pylist() if row["label"] == "human"]


def example_of(row: Mapping[str, object]) -> Example:
    source = str(row["domain"])
    return Example("", "human", str(row["language"]), str(row["dataset"]), source, domain=source)


def statistics_of(row: Mapping[str, object]) -> TokenStatistics:
    types = {"log_likelihood": np.float32, "rank": np.int64, "entropy": np.float32,
             "top1": np.float32, "variance": np.float32}  # fmt: skip
    arrays = {name: np.asarray(row[name], kind) for name, kind in types.items()}
    return TokenStatistics(**arrays, n_distinct=int(str(row["n_distinct"])))


def append(rows: Iterable[Row], detector: Any) -> None:
    """Append rows to calibration.csv."""
    path = HERE / "calibration.csv"
    is_new = not path.exists()
    common = circumstances(detector, "")
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, COLUMNS, restval="", extrasaction="ignore", lineterminator="\n"
        )
        if is_new:
            writer.writeheader()
        for row in rows:
            writer.writerow(common | {"detector": detector.spec.name} | row)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="calibration.py")
    parser.add_argument("--folds", type=Path, required=True)
    parser.add_argument("--statistics", type=Path)
    parser.add_argument("--config", type=Path, default=HERE / "linear.yaml")
    parser.add_argument("--together", nargs="*", default=[], help="with these detectors")
    parser.add_argument("--most", type=int, help="texts of a group that --together reads")
    asked = parser.parse_args()
    data = Path(os.environ["PROVENANCE_DATA"])
    sets = dict(labelled_sets(data))
    held_out = HeldOut(sets, load_config(asked.config), asked.folds)
    if asked.together:
        names = (held_out.config.detector, *asked.together)
        append(together_rows(names, sets, asked.most), held_out.shipped)
        return
    append(embedded_rows(held_out, sets), held_out.shipped)
    if asked.statistics:
        append(statistics_rows(asked.statistics), held_out.shipped)


if __name__ == "__main__":
    main()
