"""Whether an estimated share of synthetic text is right, and its interval as wide as it says.

    python benchmarks/quality/estimate.py --folds DIR     # folds: see calibration.py

mixture  500 texts of one labelled set, with a known share of machine texts, 20 seeded draws of
         each; scores and reference come from models and texts without the set. Method "verdicts"
         is the share that the 1 % threshold flags, for comparison.
crawl    the simulated crawl by month against its truth: documents that are labelled human or AI
         and that the detector judges. Some of its texts are of sets that the reference holds.

A row of estimate.csv is one set and true share: mean estimate, its bias, the share of draws in
which the interval holds the truth, and the interval's mean width; or one month of the crawl.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow.parquet as pq
from calibration import HeldOut, Item
from corpora import labelled_sets
from linear import circumstances

import provenance
from detectors.calibrate import LENGTHS, cells
from detectors.cell import Cell
from detectors.mixture import mixture_share
from provenance.engines.train import load_config

HERE = Path(__file__).parent
SHARES = (0.0, 0.05, 0.2, 0.5)
N_TEXTS = 500
N_DRAWS = 20
SETS = ("detectrl", "raidar", "m4_llama2", "outfox", "wiki_news_gpt35", "l2r", "detector_bias",
        "mixset")  # fmt: skip
PLACE = "detector protocol method dataset month n_texts n_draws truth"
MEASURES = "share bias coverage width low high fits"
COLUMNS = f"date commit machine python numpy weights {PLACE} {MEASURES}".split()

Row = dict[str, object]


def counted(items: Sequence[Item], made: Sequence[Cell]) -> np.ndarray:
    """Texts by cell and bin."""
    starts = [cell.min_tokens for cell in made]
    counts = np.zeros((len(made), len(made[0].shape_edges()) + 1))
    for one in items:
        k = int(np.searchsorted(starts, one.scored.n_tokens, side="right")) - 1
        counts[k, np.searchsorted(made[k].shape_edges(), one.scored.value)] += 1
    return counts


def drawn(human: Sequence[Item], ai: Sequence[Item], truth: float, seed: int) -> list[Item]:
    """N_TEXTS with a share `truth` of machine texts, with replacement."""
    rng = random.Random(seed)
    n_ai = round(truth * N_TEXTS)
    return rng.choices(human, k=N_TEXTS - n_ai) + rng.choices(ai, k=n_ai)


def mixtures(held_out: HeldOut, sets: Mapping[str, list]) -> Iterator[Row]:
    """All sets and true shares."""
    windows = held_out.windows()
    for name in SETS:
        rest = [one for one in windows if one.source != name]
        made = cells(rest, rule=held_out.config.cell_rule)
        items = [one for one in held_out.items(sets[name]) if one.example.language == "en"]
        human = [one for one in items if not one.scored.is_ai]
        attacks = ("ai_rewrite",) if name == "l2r" else ("none",)
        ai = [one for one in items if one.scored.is_ai and one.example.attack in attacks]
        for truth in SHARES:
            yield from measured(name, [drawn(human, ai, truth, k) for k in range(N_DRAWS)],
                                made, truth)  # fmt: skip


def measured(
    name: str, draws: Sequence[Sequence[Item]], made: Sequence[Cell], truth: float
) -> Iterator[Row]:
    """The rows of one set and true share: the mixture's, and that of verdicts."""
    found = []
    for items in draws:
        counts = counted(items, made)
        used = counts.sum(axis=1) > 0
        chosen = [cell for cell, is_used in zip(made, used, strict=True) if is_used]
        found.append(mixture_share(counts[used], chosen, n_sources=1))
    shares = np.array([one.share for one in found])
    bounds = np.array([(one.low, one.high) for one in found])
    common: Row = {"protocol": "mixture", "dataset": name, "n_texts": N_TEXTS,
                   "n_draws": len(draws), "truth": truth}  # fmt: skip
    yield common | {
        "method": "mixture",
        "coverage": float(((bounds[:, 0] <= truth) & (truth <= bounds[:, 1])).mean()),
        "width": round(float((bounds[:, 1] - bounds[:, 0]).mean()), 4),
        "fits": float(np.mean([bool(one.fits) for one in found])),
        **centre(shares, truth),
    }
    flags = [np.mean([flagged(one, made) for one in items]) for items in draws]
    yield common | {"method": "verdicts", **centre(np.array(flags), truth)}


def centre(shares: np.ndarray, truth: float) -> Row:
    return {"share": round(float(shares.mean()), 4), "bias": round(float(shares.mean() - truth), 4)}


def flagged(one: Item, made: Sequence[Cell]) -> bool:
    start = next(low for low, high in LENGTHS if low <= one.scored.n_tokens <= high)
    cell = next(cell for cell in made if cell.min_tokens == start)
    return bool(cell.human_tail(np.array([one.scored.value]))[0] <= 0.01)


def crawl(data: Path) -> Iterator[Row]:
    """The crawl by month: its labelled documents, in the main text that a scorer is given."""
    truth = {
        (row["url"], row["warc_date"][:7]): row["label"]
        for row in pq.read_table(data / "crawl" / "truth.parquet").to_pylist()
    }
    with TemporaryDirectory() as folder:
        scored = Path(folder) / "scored"
        provenance.score(data / "crawl" / "polluted.jsonl.gz", out=scored, workers=1)
        columns = ["url", "captured_at", "llr"]
        documents = [row for part in sorted(scored.glob("documents/*.parquet"))
                     for row in pq.read_table(part, columns=columns).to_pylist()]  # fmt: skip
        labels: dict[str, list[str]] = {}
        for row in documents:
            if row["llr"] is not None:
                month = row["captured_at"].strftime("%Y-%m")
                label = truth.get((row["url"], month), "unknown")
                for name in (month, "all"):
                    labels.setdefault(name, []).append(label)
        for row in provenance.estimate(scored, by=["month"]).rows:
            known = [one for one in labels.get(row["group"], []) if one != "unknown"]
            if row["method"] == "mixture":
                share = known.count("ai") / len(known)
                yield {"protocol": "crawl", "method": "mixture", "month": row["group"],
                       "n_texts": row["judged"], "truth": round(share, 4),
                       "share": round(row["share"], 4), "bias": round(row["share"] - share, 4),
                       "coverage": float(row["low"] <= share <= row["high"]),
                       "width": round(row["high"] - row["low"], 4),
                       "low": row["low"], "high": row["high"], "fits": row["fits"]}  # fmt: skip


def main() -> None:
    """Measure, and append to estimate.csv."""
    parser = argparse.ArgumentParser(prog="estimate.py")
    parser.add_argument("--folds", type=Path, required=True)
    parser.add_argument("--config", type=Path, default=HERE / "linear.yaml")
    parser.add_argument("--crawl", action="store_true", help="the crawl too, by default detectors")
    asked = parser.parse_args()
    data = Path(os.environ["PROVENANCE_DATA"])
    sets = dict(labelled_sets(data))
    held_out = HeldOut(sets, load_config(asked.config), asked.folds)
    path = HERE / "estimate.csv"
    is_new = not path.exists()
    common = circumstances(held_out.shipped, "") | {"detector": held_out.config.detector}
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, COLUMNS, restval="", extrasaction="ignore", lineterminator="\n"
        )
        if is_new:
            writer.writeheader()
        for row in (*mixtures(held_out, sets), *(crawl(data) if asked.crawl else ())):
            writer.writerow({**common, **{"protocol": "", **row}})


if __name__ == "__main__":
    main()
