"""Texts of today's chat models against dated human text, with families of generators held out.

    python benchmarks/quality/modern.py STATISTICS     # parts written by scored_texts.py

Machine: English rows of data/detection/modern_*. Human: English rows of data/human and the human
rows of the other files. All of 150 words or more, formatting stripped, cut to their first 150 words
and, where they have as many, to their first 300. Eight folds: each holds out one family of
generators (`families.py`, from every data set) and an eighth of the sources of human text; a text
is scored by the models that held it out. No model saw alpaca_eval, gum, or any file without a
licence to train on. Of the other modern files the models saw what other families wrote to the same
prompts: alpaca_eval is the honest guess for prompts that nobody has seen.

Rows of modern.csv. slice `all`, `family=`, `generator=`, `register=`, `dataset=`: machine texts
against all human texts; tpr_* at the threshold of all human texts. slice `human_register=` and
`human_source=`: fpr_* = realised false-positive rates of these human texts at the thresholds of all
*other* sources' human texts. protocol as in combined.py, to whose `probe` `modern_probe.py` adds.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
from combined import Scores, append
from corpora import labelled_sets
from families import family
from held_out import (
    EMBEDDED,
    HERE,
    Asked,
    Pool,
    by,
    cut,
    fitting_texts,
    fused,
    mixed,
    token_judge,
)
from scored_texts import ScoredText, Tokenizer, read

from detectors.classifier.examples import Example
from detectors.measures import auroc, oracle_threshold, tpr_interval
from provenance.engines.train import load_config

MODERN = ("modern_alpaca_eval", "modern_longform", "modern_m_arena", "modern_slop_score",
          "modern_wildbench")  # fmt: skip
LENGTHS = (150, 300)
N_FOLDS = 8
MOST_PER_GENERATOR, MOST_PER_SOURCE = 25, 150
RATES = ((5, 0.05), (1, 0.01))
COLUMNS = [
    *("date", "commit", "machine", "python", "numpy", "torch", "max_per_group"),
    *("protocol", "words", "slice"),
    *("detector", "n_human", "n_ai", "auroc", "tpr_5", "tpr_5_low", "tpr_5_high"),
    *("tpr_1", "tpr_1_low", "tpr_1_high", "fpr_5", "fpr_1"),
]


def chosen(
    examples: Sequence[Example], *, per_generator: int = MOST_PER_GENERATOR
) -> list[Example]:
    """The texts that are asked about: a sample of each generator and each human source."""
    english = [one for one in examples if one.language == "en" and one.attack == "none"]
    wanted = [one for one in english if one.dataset in MODERN or not one.is_ai]
    long_enough = [one for one in wanted if len(one.text.split()) >= LENGTHS[0]]
    kept = []
    for name, group in by(long_enough, _group):
        most = per_generator if group[0].is_ai else MOST_PER_SOURCE
        kept += random.Random(name).sample(group, min(len(group), most))
    return kept


def _group(one: Example) -> str:
    return one.group if one.is_ai or one.dataset.startswith("human/") else one.dataset


def folds(examples: Sequence[Example]) -> dict[str, int]:
    """Fold of every family and every unit of human text, largest first, in turn."""
    families = sorted({family(one.generator) for one in examples if one.is_ai})
    units = {one.unit for one in examples if not one.is_ai}
    size = {unit: sum(one.unit == unit for one in examples) for unit in units}
    ordered = sorted(units, key=lambda unit: (-size[unit], unit))
    dealt = {name: i % N_FOLDS for i, name in enumerate(families)}
    return dealt | {name: i % N_FOLDS for i, name in enumerate(ordered)}


def fold_of(one: Example, dealt: Mapping[str, int]) -> int:
    """The fold that holds the text out."""
    return dealt[family(one.generator) if one.is_ai else one.unit]


def is_kept(one: Example, fold: int, dealt: Mapping[str, int]) -> bool:
    """Whether the text may be trained on in the fold: neither family nor unit is held out."""
    names = (family(one.generator), one.unit) if one.is_ai else (one.unit,)
    return all(dealt.get(name) != fold for name in names)


def cut_words(examples: Sequence[Example], n_words: int) -> list[Asked]:
    """The first words of each text that has as many."""
    words = [(one, one.text.split()) for one in examples]
    return [Asked(one, " ".join(w[:n_words])) for one, w in words if len(w) >= n_words]


def cut_tokens(texts: Sequence[ScoredText], n_words: int, tokenizer: Tokenizer) -> Iterator[Asked]:
    """The same of texts with token statistics: as many tokens as the words have."""
    for one in texts:
        n = len(one.token_ids)
        whole = cut(one, n, tokenizer)
        if whole.n_words >= n_words:
            yield cut(one, round(n * n_words / whole.n_words), tokenizer)


def judged(
    asked: Sequence[Asked],
    judges: Sequence[Mapping[str, object]],
    dealt: Mapping[str, int],
) -> Scores:
    """Each text's scores by the models of the fold that holds it out."""
    fold = np.array([fold_of(one.example, dealt) for one in asked])
    scores = {name: np.full(len(asked), np.nan) for name in judges[0]}
    for k, of_fold in enumerate(judges):
        members = [one for one, f in zip(asked, fold, strict=True) if f == k]
        for name, judge in of_fold.items() if members else ():
            scores[name][fold == k] = judge(members)
    return scores


def with_fusions(asked: Sequence[Asked], scores: Scores, dealt: Mapping[str, int]) -> Scores:
    """The scores and their fusions, each fold's fitted on the other folds."""
    fusions = {"embedded": EMBEDDED}
    if "token_profile" in scores:
        fusions |= {"combined": (*EMBEDDED, "token_profile")}
    if "probe" in scores:
        fusions |= {"probed": (*EMBEDDED, "probe")}
    fold = np.array([fold_of(one.example, dealt) for one in asked])
    is_ai = np.array([one.example.is_ai for one in asked])
    groups = np.array([_group(one.example) for one in asked])
    kinds = product(fusions.items(), (("", fused), ("_mixture", mixed)))
    for (name, members), (suffix, fuse) in kinds:
        matrix = np.column_stack([scores[member] for member in members])
        scores[name + suffix] = np.full(len(asked), np.nan)
        for k in range(N_FOLDS):
            out = fold == k
            fit = fuse(matrix[~out], is_ai[~out], groups[~out])
            scores[name + suffix][out] = fit(matrix[out])
    return scores


def machine_rows(asked: Sequence[Asked], values: np.ndarray) -> Iterator[dict[str, object]]:
    """Rates of machine texts at the thresholds of all human texts."""
    is_ai = np.array([one.example.is_ai for one in asked])
    human = values[~is_ai]
    machine = np.flatnonzero(is_ai).tolist()
    kinds = {
        "family": lambda i: family(asked[i].example.generator),
        "generator": lambda i: asked[i].example.generator,
        "register": lambda i: asked[i].example.domain,
        "dataset": lambda i: asked[i].example.dataset,
    }
    yield {"slice": "all"} | _rates(human, values[machine])
    for kind, key in kinds.items():
        for value, members in by(machine, key):
            if len(members) >= 10:
                yield {"slice": f"{kind}={value}"} | _rates(human, values[members])


def _rates(human: np.ndarray, ai: np.ndarray) -> dict[str, object]:
    rng = np.random.default_rng(0)
    row: dict[str, object] = {"n_human": len(human), "n_ai": len(ai)}
    row["auroc"] = round(auroc(human, ai), 4)
    for percent, rate in RATES:
        threshold = oracle_threshold(human, rate)
        low, high = tpr_interval(human, ai, rate, n_resamples=1000, rng=rng)
        row[f"tpr_{percent}"] = round(float((ai > threshold).mean()), 4)
        row |= {f"tpr_{percent}_low": round(low, 4), f"tpr_{percent}_high": round(high, 4)}
    return row


def human_rows(asked: Sequence[Asked], values: np.ndarray) -> Iterator[dict[str, object]]:
    """Realised false-positive rates of human texts at the thresholds of the other sources."""
    human = [i for i in range(len(asked)) if not asked[i].example.is_ai]
    units = np.array([asked[i].example.unit for i in human])
    flags = np.zeros((len(human), len(RATES)), np.bool_)
    for unit in np.unique(units):
        others = values[human][units != unit]
        for k, (_, rate) in enumerate(RATES):
            threshold = oracle_threshold(others, rate)
            flags[units == unit, k] = values[human][units == unit] > threshold
    kinds = {
        "human_register": lambda k: asked[human[k]].example.domain,
        "human_source": lambda k: asked[human[k]].example.unit,
        "human_folder": lambda k: asked[human[k]].example.dataset.split("/")[0],
    }
    for kind, key in kinds.items():
        for value, members in by(range(len(human)), key):
            if len(members) >= 20:
                rates = flags[members].mean(axis=0)
                named = {
                    f"fpr_{p}": round(float(r), 4) for (p, _), r in zip(RATES, rates, strict=True)
                }
                yield {"slice": f"{kind}={value}", "n_human": len(members), "n_ai": 0} | named


def rows(protocol: str, n_words: int, asked: Sequence[Asked], scores: Scores) -> Iterator[dict]:
    """Every row of a protocol and length."""
    for detector, values in scores.items():
        whole = np.isfinite(values)
        kept = [one for one, is_whole in zip(asked, whole, strict=True) if is_whole]
        place = {"protocol": protocol, "words": n_words, "detector": detector}
        for made in (machine_rows, human_rows):
            yield from (place | row for row in made(kept, values[whole]))


def main() -> None:
    """Measure both protocols at both lengths."""
    parser = argparse.ArgumentParser(prog="modern.py")
    parser.add_argument("statistics", type=Path, help="folder of parts of scored_texts.py")
    parser.add_argument("--max-per-group", type=int, default=600, help="texts trained on")
    given = parser.parse_args()
    sets = dict(labelled_sets(Path(os.environ["PROVENANCE_DATA"])))
    configs = {name: load_config(HERE / f"{name}.yaml") for name in EMBEDDED}
    tokenizer = Tokenizer()
    scored = [one for one in read(given.statistics) if one.example.language == "en"]
    asked_about = chosen([one for some in sets.values() for one in some])
    dealt = folds(asked_about)
    pool = Pool(sets, configs, given.max_per_group)
    fitting = fitting_texts(scored, configs["linear"], tokenizer)
    judges = []
    for fold in range(N_FOLDS):
        texts = [one for one in fitting if is_kept(one.example, fold, dealt)]
        of_fold = pool.judges(lambda one, k=fold: is_kept(one, k, dealt))
        judges.append(of_fold | {"token_profile": token_judge(texts)})
        print(fold, flush=True)
    embedded = [{name: of_fold[name] for name in EMBEDDED} for of_fold in judges]
    wanted = [one for one in scored if _is_asked(one.example, dealt)]
    for n_words in LENGTHS:
        for protocol, asked, of_folds in (
            ("embedded", cut_words(asked_about, n_words), embedded),
            ("scored", list(cut_tokens(wanted, n_words, tokenizer)), judges),
        ):
            scores = with_fusions(asked, judged(asked, of_folds, dealt), dealt)
            made = rows(protocol, n_words, asked, scores)
            append(HERE / "modern.csv", COLUMNS, made, max_per_group=given.max_per_group)


def _is_asked(one: Example, dealt: Mapping[str, int]) -> bool:
    known = (family(one.generator) if one.is_ai else one.unit) in dealt
    return known and one.attack == "none" and (one.dataset in MODERN or not one.is_ai)


if __name__ == "__main__":
    main()
