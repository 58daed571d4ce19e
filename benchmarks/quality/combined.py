"""All detectors that run offline, together, on data sets that none of them was trained on.

    python benchmarks/quality/combined.py STATISTICS     # parts written by scored_texts.py

Every English two-class file of data/detection is held out in turn: the embedded detectors (linear,
stylometry) are trained again by their shipped configurations without it, the token profile is
fitted again on the licence-allowed texts of the other files, and the fusion of them is fitted on
the scores that the other files got in the same way. (A file that may be trained on was seen by the
members that scored the others, so two to four numbers of its own fusion have an indirect trace of
it; the files that may not be trained on were never seen by anything.) The drift penalty of
stylometry, and ridge and drift penalty of the token profile, are chosen without the file too, by
the results of the others, each held out in turn (`nested.py`).

Both labels are cut to one distribution of lengths, white space is collapsed, line breaks leave the
token statistics. Thresholds: `oracle` = set by the file's own human texts; `own_100` = set by at
most 100 of them drawn at random, the others judged, mean of 200 draws (rank floor(rate * (n + 1))
from the top, the highest where that is below one). Fixed before any result was seen: the files, the
cut, the stacking. The mixture was found on about 850 of the `scored` texts, where every fusion that
keeps a member from being overruled did better than the stacking, in most files.

`combined_probe.py` measures the probe in the same way.

Rows of combined.csv: protocol `embedded` = all texts (at most 400 human and 1,200 machine per
file), `scored` = those whose token statistics are in STATISTICS. condition: plain (no attack), all,
chat (plain text of instruction-tuned models), one attack, generator or length. `mean` rows average
the files. `cheapest` = linear and stylometry, `embedded` = these and the encoder, `combined` =
these and the token profile, `all` = these and fast_detect; each as a stacking, and with `_mixture`
as the mean of likelihood ratios (`held_out.mixed`). The encoder is not trained again here:
`--texts` writes the cut texts, and `--scores` reads what models that had not seen a text's file
said of it; without, `embedded` is `cheapest`. Zero-shot members are fitted on nothing; `zero_shot`
is the mean of perplexity and curvature, each in deviations of the file's human texts.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import platform
import random
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from corpora import labelled_sets
from held_out import (
    EMBEDDED,
    HERE,
    Asked,
    Judge,
    Pool,
    by,
    cut,
    digest,
    fitting_texts,
    further_judges,
    fused,
    matched_lengths,
    mixed,
    style_judge,
    token_judge,
    zero_shot_judges,
)
from nested import style_choices, token_choices
from scored_texts import ScoredText, Tokenizer, read

from detectors.classifier.examples import Example
from detectors.measures import auroc, auroc_interval, oracle_tpr, tpr_interval
from provenance.engines.train import load_config

#: Files with both labels in English, of 50 words and more (no text of tweepfake is as long).
FILES = (
    "detector_bias", "detectrl", "fast_detect_gpt", "l2r", "m4_llama2", "mixset", "outfox",
    "raidar", "wiki_news_gpt35",
)  # fmt: skip
#: Generators that were not tuned to follow instructions.
NO_CHAT = ("davinci", "text-davinci-002", "text-davinci-003", "flan-t5-xxl", "gpt-neox-20b",
           "gpt-j-6B", "gpt-neo-2.7B", "opt-2.7b", "gpt2-xl", "dolly", "stablelm")  # fmt: skip
SHORTEST_WORDS, SHORTEST_TOKENS = 50, 65
LENGTHS = ((50, 99), (100, 199), (200, 399), (400, 9999))
CALIBRATORS, DRAWS, RESAMPLES = 100, 200, 1000
COLUMNS = [
    *("date", "commit", "machine", "python", "numpy", "torch", "max_per_group"),
    *("protocol", "file", "condition"),
    *("detector", "n_human", "n_ai", "auroc", "auroc_low", "auroc_high"),
    *("tpr_5", "tpr_5_low", "tpr_5_high", "tpr_1", "tpr_1_low", "tpr_1_high", "n_calibrators"),
    *("own_100_tpr_5", "own_100_fpr_5", "own_100_tpr_1", "own_100_fpr_1"),
]

FUSIONS = {"": fused, "_mixture": mixed}

Scores = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Most:
    """Texts of a file that are asked about at most, and words of each."""

    human: int
    ai: int
    words: int


def embedded_texts(
    sets: Mapping[str, Sequence[Example]], most: Most = Most(400, 1200, 512)
) -> dict[str, list[Asked]]:
    """The texts of the `embedded` protocol, cut."""
    return {name: _cut_words(_sampled(sets[name], most), most.words) for name in FILES}


def _sampled(examples: Sequence[Example], most_of: Most) -> list[Example]:
    rng = random.Random(0)
    english = [one for one in examples if one.language == "en"]
    chosen = []
    for is_ai, most in ((False, most_of.human), (True, most_of.ai)):
        of_label = [one for one in english if one.is_ai == is_ai]
        groups = [rng.sample(g, len(g)) for _, g in by(of_label, lambda e: e.generator + e.attack)]
        turns = (g[turn] for turn in range(len(of_label)) for g in groups if turn < len(g))
        chosen += [one for one, _ in zip(turns, range(most), strict=False)]
    return chosen


def _cut_words(examples: Sequence[Example], most: int) -> list[Asked]:
    words = [one.text.split()[:most] for one in examples]
    is_ai = np.array([one.is_ai for one in examples])
    cut_to = matched_lengths(np.array([len(text) for text in words]), is_ai)
    return [
        Asked(one, " ".join(text[:n]))
        for one, text, n in zip(examples, words, cut_to.tolist(), strict=True)
        if n >= SHORTEST_WORDS
    ]


def scored_texts(texts: Sequence[ScoredText], tokenizer: Tokenizer) -> dict[str, list[Asked]]:
    """The texts of the `scored` protocol, cut."""
    made = {}
    for name in FILES:
        of_file = [
            one for one in texts if (one.example.dataset, one.example.language) == (name, "en")
        ]
        is_ai = np.array([one.example.is_ai for one in of_file])
        cut_to = matched_lengths(np.array([len(one.token_ids) for one in of_file]), is_ai)
        chosen = zip(of_file, cut_to.tolist(), strict=True)
        asked = [cut(one, n, tokenizer) for one, n in chosen if n >= SHORTEST_TOKENS]
        made[name] = [one for one in asked if one.n_words >= SHORTEST_WORDS]
    return made


def judged(
    asked: Sequence[Mapping[str, Sequence[Asked]]],
    pool: Pool,
    fitting: Sequence[Asked],
    further: Mapping[str, Judge],
) -> list[dict[str, Scores]]:
    """Per protocol, file and member: scores by models that never saw the file."""
    made: list[dict[str, Scores]] = [{}, {}]
    styles, tokens = style_choices(asked[0], pool), token_choices(asked[1], fitting)
    trained_on = {one.dataset for one in pool.examples}
    linear = cache(lambda held: pool.linear_judge(lambda one: one.dataset != held))
    for name in FILES:
        style = pool.style_model(lambda one, n=name: one.dataset != n, styles[name])
        judges = {"linear": linear(name if name in trained_on else None)}
        judges |= {"stylometry": style_judge(style), **further}
        made[0][name] = {member: judge(asked[0][name]) for member, judge in judges.items()}
        rest = [one for one in fitting if one.example.dataset != name]
        judges |= {"token_profile": token_judge(rest, tokens[name]), **zero_shot_judges()}
        made[1][name] = {member: judge(asked[1][name]) for member, judge in judges.items()}
        print(name, flush=True)
    return made


def with_fusions(asked: Mapping[str, Sequence[Asked]], scores: dict[str, Scores]) -> None:
    """Add the fused scores of every file, fitted on the others."""
    has_tokens = "token_profile" in scores[FILES[0]]
    cheap = tuple(name for name in (*EMBEDDED, "encoder") if name in scores[FILES[0]])
    fusions = {"cheapest": EMBEDDED, "embedded": cheap}
    if "probe" in scores[FILES[0]]:
        fusions = {"cheapest": EMBEDDED, "probed": (*EMBEDDED, "probe")}
    if has_tokens:
        fusions |= {"combined": (*cheap, "token_profile")}
        fusions |= {"all": (*cheap, "token_profile", "fast_detect")}
    for (fusion, members), (suffix, fuse) in product(fusions.items(), FUSIONS.items()):
        matrices = {f: np.column_stack([scores[f][m] for m in members]) for f in FILES}
        for name in FILES:
            others = [other for other in FILES if other != name]
            is_ai = np.array([one.example.is_ai for f in others for one in asked[f]])
            groups = np.array([f for f in others for _ in asked[f]])
            fit = fuse(np.concatenate([matrices[f] for f in others]), is_ai, groups)
            scores[name][fusion + suffix] = fit(matrices[name])
    for name in FILES if has_tokens else ():
        scores[name]["zero_shot"] = _zero_shot(asked[name], scores[name])


def _zero_shot(asked: Sequence[Asked], scores: Scores) -> np.ndarray:
    is_human = np.array([not one.example.is_ai for one in asked])
    both = (scores["perplexity"], scores["fast_detect"])
    return sum((s - s[is_human].mean()) / s[is_human].std() for s in both)


def conditions(asked: Sequence[Asked]) -> Iterator[tuple[str, np.ndarray]]:
    """Name and members of every slice; of machine texts beside all human ones where they differ."""
    examples = [one.example for one in asked]
    is_ai = np.array([one.is_ai for one in examples])
    is_plain = np.array([one.attack == "none" for one in examples])
    generators = np.array([one.generator for one in examples])
    attacks = np.array([one.attack for one in examples])
    words = np.array([one.n_words for one in asked])
    yield "all", np.ones(len(asked), np.bool_)
    yield "plain", is_plain
    yield "attacked", ~is_ai & is_plain | is_ai & ~is_plain
    yield "chat", is_plain & (~is_ai | ~np.isin(generators, NO_CHAT))
    for name in sorted(set(attacks[is_ai]) - {"none"}):
        yield f"attack={name}", ~is_ai & is_plain | is_ai & (attacks == name)
    for name in sorted(set(generators[is_ai])):
        yield f"generator={name}", ~is_ai | (generators == name)
    for low, high in LENGTHS:
        yield f"words={low}-{high}", (low <= words) & (words <= high)


def measured(human: np.ndarray, ai: np.ndarray) -> dict[str, float | int]:
    """The measured columns of one slice, with bootstrap intervals."""
    rng = np.random.default_rng(0)
    row: dict[str, float | int] = {"n_human": len(human), "n_ai": len(ai)}
    low, high = auroc_interval(human, ai, n_resamples=RESAMPLES, rng=rng)
    row |= {"auroc": auroc(human, ai), "auroc_low": low, "auroc_high": high}
    for percent, rate in ((5, 0.05), (1, 0.01)):
        low, high = tpr_interval(human, ai, rate, n_resamples=RESAMPLES, rng=rng)
        row[f"tpr_{percent}"] = oracle_tpr(human, ai, rate)
        row |= {f"tpr_{percent}_low": low, f"tpr_{percent}_high": high}
    return {name: round(value, 4) for name, value in (row | own_100(human, ai, rng)).items()}


def own_100(human: np.ndarray, ai: np.ndarray, rng: np.random.Generator) -> dict[str, float | int]:
    """Rates at thresholds set by at most 100 of the human texts, on the others."""
    n = min(CALIBRATORS, len(human) // 2)
    rates: dict[str, list[float]] = defaultdict(list)
    for _ in range(DRAWS):
        order = rng.permutation(len(human))
        own, others = np.sort(human[order[:n]])[::-1], human[order[n:]]
        for percent, rate in ((5, 0.05), (1, 0.01)):
            threshold = own[max(0, int(rate * (n + 1) + 1e-9) - 1)]
            rates[f"own_100_tpr_{percent}"].append(float((ai > threshold).mean()))
            rates[f"own_100_fpr_{percent}"].append(float((others > threshold).mean()))
    return {"n_calibrators": n} | {name: float(np.mean(found)) for name, found in rates.items()}


def rows(
    protocol: str, asked: Mapping[str, Sequence[Asked]], scores: Mapping[str, Scores]
) -> Iterator[dict[str, object]]:
    """The rows of a protocol: every file, slice and detector, then means over files."""
    means: dict[tuple[str, str], list[dict[str, object]]] = defaultdict(list)
    for name in FILES:
        is_ai = np.array([one.example.is_ai for one in asked[name]])
        for condition, members in conditions(asked[name]):
            for detector, values in scores[name].items():
                found = members & np.isfinite(values)
                human, ai = values[found & ~is_ai], values[found & is_ai]
                if min(len(human), len(ai)) < 10:
                    continue
                row = {"protocol": protocol, "file": name, "condition": condition}
                row |= {"detector": detector} | measured(human, ai)
                means[condition, detector].append(row)
                yield row
    for (condition, detector), of_files in means.items():
        if "=" not in condition or condition.startswith("words"):
            place = {"protocol": protocol, "file": f"mean of {len(of_files)}"}
            yield place | {"condition": condition, "detector": detector} | _mean(of_files)


def _mean(of_files: Sequence[Mapping[str, object]]) -> dict[str, object]:
    names = [c for c in COLUMNS[COLUMNS.index("auroc") :] if not c.endswith(("_low", "_high"))]
    means = {c: round(float(np.mean([row[c] for row in of_files])), 4) for c in names}
    counts = {c: sum(int(str(row[c])) for row in of_files) for c in ("n_human", "n_ai")}
    return means | counts


def circumstances(max_per_group: int) -> dict[str, object]:
    """Where, when and with how many texts of a source or generator a row was measured."""
    return {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "commit": commit(),
        "machine": f"{platform.machine()} x{os.cpu_count()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "max_per_group": max_per_group,
    }


@cache
def commit() -> str:
    """The commit that is measured, asked for once: the rows written first change the tree."""
    git = ["git", "describe", "--always", "--dirty"]
    found = subprocess.run(git, capture_output=True, text=True, check=False, cwd=HERE).stdout
    return found.strip() or "none"


def append(
    path: Path,
    columns: Sequence[str],
    measured: Iterable[Mapping[str, object]],
    *,
    max_per_group: int,
) -> None:
    """Append rows to a CSV."""
    is_new = not path.exists()
    common = circumstances(max_per_group)
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        if is_new:
            writer.writeheader()
        for row in measured:
            writer.writerow(common | dict(row))


def _texts(asked: Sequence[Mapping[str, Sequence[Asked]]]) -> Iterator[dict[str, str]]:
    for of_files in asked:
        for name, of_file in of_files.items():
            for one in of_file:
                yield {"file": name, "digest": digest(one.text), "text": one.text}


def main() -> None:
    """Measure both protocols."""
    parser = argparse.ArgumentParser(prog="combined.py")
    parser.add_argument("statistics", type=Path, help="folder of parts of scored_texts.py")
    parser.add_argument("--max-per-group", type=int, default=600, help="texts trained on")
    parser.add_argument("--texts", type=Path, help="write the texts there (Parquet), and stop")
    parser.add_argument("--scores", type=Path, help="of further detectors (Parquet)")
    given = parser.parse_args()
    sets = dict(labelled_sets(Path(os.environ["PROVENANCE_DATA"])))
    configs = {name: load_config(HERE / f"{name}.yaml") for name in EMBEDDED}
    tokenizer, texts = Tokenizer(), read(given.statistics)
    english = [one for one in texts if one.example.language == "en"]
    fitting = fitting_texts(english, configs["linear"], tokenizer)
    asked = (embedded_texts(sets), scored_texts(english, tokenizer))
    if given.texts:
        pq.write_table(pa.Table.from_pylist(list(_texts(asked))), given.texts)
        return
    further = further_judges(given.scores) if given.scores else {}
    found = judged(asked, Pool(sets, configs, given.max_per_group), fitting, further)
    for protocol, texts_of, scores in zip(("embedded", "scored"), asked, found, strict=True):
        with_fusions(texts_of, scores)
        made = rows(protocol, texts_of, scores)
        append(HERE / "combined.csv", COLUMNS, made, max_per_group=given.max_per_group)


if __name__ == "__main__":
    main()
