"""Watermark detectors: false alarms on text without a watermark, power by number of tokens.

    python benchmarks/quality/watermark.py --fresh           # 3,000 human texts, a key for each
    python benchmarks/quality/watermark.py --null            # the same texts, one key
    python benchmarks/quality/watermark.py --power           # texts written with each scheme
    python benchmarks/quality/watermark.py --synthid         # 300 texts that a CUDA device wrote
    python benchmarks/quality/watermark.py --smollm FILE     # power at a real model's entropy; GGUF
    python benchmarks/quality/watermark.py --table           # watermark.md from watermark.csv

Every rate is a row of watermark.csv. False alarms are counted under four protocols:

fresh     every text is read with keys of its own: all p values are independent
fixed     one key reads all texts, which share common n-grams and so that key's luck
fitted    the same, with nulls fitted to other texts of data/detection, none of them among the 3,000
foreign   the same, with nulls fitted to data/human: no source in common

"probability" is that of a count as far from the expected one (exact binomial test). Power is also
stated under the English null of "fitted" where `--null` runs in the same call.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import math
import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import torch
import transformers
from scipy import stats
from tokenizers import Tokenizer

from detectors.watermark import SCHEMES
from detectors.watermark.detector import Watermark
from detectors.watermark.empirical_null import MIN_TEXTS, Adjust, EmpiricalNull, Nulls, fit_null
from detectors.watermark.trials import Trials

HERE = Path(__file__).parent
TABLE = HERE / "watermark.csv"
DATA = Path(os.environ.get("PROVENANCE_DATA", "."))
N_NULL, N_REFERENCE = 3000, 3000
#: Characters of a text of the reference that are read: data/human has books.
REFERENCE_CHARACTERS = 6000
#: Keys per text under "fresh"; a key of KGW takes as long as a hundred of SynthID.
N_KEYS = {"kgw": 1, "unigram": 2, "gumbel": 2, "synthid": 2}
NULL_LEVELS = (0.05, 0.01, 0.001)
POWER_LEVELS = (1e-3, 1e-6)
POWER_TOKENS = (30, 50, 75, 100, 150, 200)
N_WRITTEN, TOKENS_WRITTEN = 120, 260
OPT_VOCAB_SIZE = 50_272
CIRCUMSTANCES = "date commit machine python numpy torch transformers"
COLUMNS = (
    f"{CIRCUMSTANCES} measure writer entropy_nats scheme seeding table key n_texts n_keys tokens"
    " p_below rate expected low high probability"
).split()


def make(scheme: str, **parameters: Any) -> Watermark:
    """A detector that is given ids."""
    module, _, name = SCHEMES[scheme].partition(":")
    detector: Watermark = getattr(import_module(module), name)(lambda _: [], **parameters)
    return detector


# -- false alarms -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Corpus:
    """OPT token ids of texts, and the language of each."""

    ids: Sequence[np.ndarray]
    langs: Sequence[str]

    def first(self, n: int) -> Corpus:
        return Corpus(self.ids[:n], self.langs[:n])

    def rest(self, n: int) -> Corpus:
        return Corpus(self.ids[n:], self.langs[n:])


def humans(source: str, n_texts: int, *, most_characters: int | None = None) -> Corpus:
    """A seeded sample of human texts of at least 300 characters."""
    rows = []
    for path in sorted((DATA / source).glob("*.parquet")):
        columns = pq.read_table(path).to_pylist()
        rows += [r for r in columns if r.get("label") != "ai" and len(r["text"]) >= 300]
    chosen = np.random.default_rng(0).choice(len(rows), n_texts, replace=False)
    texts = [rows[i]["text"][:most_characters] for i in chosen]
    return Corpus(opt_ids(texts), [rows[i]["language"] for i in chosen])


def opt_ids(texts: Sequence[str]) -> list[np.ndarray]:
    """Token ids of the OPT tokenizer."""
    tokenizer = Tokenizer.from_file(str(DATA / "watermark" / "opt_tokenizer" / "tokenizer.json"))
    encoded = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
    return [np.array(one.ids, np.int64) for one in encoded]


def null_cases() -> Iterator[tuple[str, dict[str, Any]]]:
    """Scheme and parameters without the key."""
    sized = {"vocab_size": OPT_VOCAB_SIZE}
    for seeding, more in (
        ("transformers-lefthash", {}),
        ("transformers-selfhash", {"context_width": 4}),
        ("lm-watermarking/minhash", {}),
        ("lm-watermarking/skipgram", {}),
        ("lm-watermarking/selfhash", {}),
        ("markllm-time", {"gamma": 0.5}),
    ):
        yield "kgw", sized | {"seeding": seeding} | more
    yield "unigram", sized
    yield "gumbel", sized | {"seeding": "markllm-exp"}
    yield "gumbel", sized | {"seeding": "three-bricks-hash", "context_width": 4}
    for table in ("cpu", "cuda"):
        for statistic in ("weighted_mean", "mean"):
            yield "synthid", {"table": table, "statistic": statistic}


def keyed(scheme: str, key: int) -> dict[str, Any]:
    """The key of a scheme; a list of 30 for SynthID. Key 0 stands for the published default."""
    if scheme == "synthid":
        from watermark_writers import SYNTHID_KEYS

        fresh = np.random.default_rng(key).integers(0, 2**31, 30).tolist()
        return {"keys": fresh if key else SYNTHID_KEYS}
    return {"key": key or 15_485_863}


def fresh_rows() -> Iterator[dict[str, Any]]:
    """Realised rates of every scheme and table where each text has keys of its own."""
    texts = humans("detection", N_NULL + N_REFERENCE).first(N_NULL)
    for scheme, parameters in null_cases():
        case = Case(scheme, parameters)
        draws = [fresh(case, texts, draw) for draw in range(N_KEYS[scheme])]
        log_p, counts = (np.concatenate(parts) for parts in zip(*draws, strict=True))
        over_keys = [_as_it_is] * len(log_p)
        yield from case.rows("fresh", log_p, counts, over_keys, n_keys=len(draws))


def fresh(case: Case, texts: Corpus, draw: int) -> tuple[np.ndarray, np.ndarray]:
    """ln p and scored tokens of each text, under a key of its own."""
    keys = np.random.default_rng(1 + draw).integers(1, 2**31, len(texts.ids)).tolist()
    read = [log_p_of(case.with_key(k), [one]) for k, one in zip(keys, texts.ids, strict=True)]
    return np.concatenate([log_p for log_p, _ in read]), np.concatenate([n for _, n in read])


def null_rows(fitted: dict[tuple[str, str], EmpiricalNull]) -> Iterator[dict[str, Any]]:
    """Realised rates of every scheme and table under one key; English nulls go to `fitted`."""
    every = humans("detection", N_NULL + N_REFERENCE)
    texts, others = every.first(N_NULL), every.rest(N_NULL)
    foreign = humans("human", N_REFERENCE, most_characters=REFERENCE_CHARACTERS)
    for scheme, parameters in null_cases():
        case = Case(scheme, parameters)
        one = case.with_key(0)
        log_p, counts = log_p_of(one, texts.ids)
        yield from case.rows("fixed", log_p, counts, [_as_it_is] * len(log_p))
        for protocol, reference in (("fitted", others), ("foreign", foreign)):
            nulls = nulls_of(one, reference)
            of_each = [nulls.of(lang) for lang in texts.langs]
            yield from case.rows(protocol, log_p, counts, of_each)
            if protocol == "fitted":
                fitted[scheme, parameters.get("seeding", "")] = nulls.languages["en"]


def log_p_of(detector: Watermark, ids: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """ln p over keys (NaN for too few trials) and number of trials of each text, as a whole."""
    trials = detector.trials(ids)
    counts = np.array([float(len(one.values)) for one in trials])
    totals = np.array([one.values.sum() for one in trials])
    log_p = np.full(len(trials), np.nan)
    enough = counts >= detector.spec.min_tokens
    log_p[enough] = detector.log_tail(totals[enough], counts[enough])
    return log_p, counts


def _as_it_is(log_p: np.ndarray, _counts: np.ndarray) -> np.ndarray:
    return log_p


def nulls_of(detector: Watermark, reference: Corpus) -> Nulls:
    """The nulls of a detector by language, from human texts."""
    scores, counts = detector.normal_scores(reference.ids)
    langs = np.where(np.isnan(scores), "", np.array(reference.langs))
    many = [lang for lang in np.unique(langs) if lang and (langs == lang).sum() >= MIN_TEXTS]
    return Nulls(
        {str(lang): fit_null(scores[langs == lang], counts[langs == lang]) for lang in many}
    )


@dataclass(frozen=True, slots=True)
class Case:
    """A scheme with its parameters, without the key."""

    scheme: str
    parameters: dict[str, Any]

    def with_key(self, key: int) -> Watermark:
        return make(self.scheme, **self.parameters, **keyed(self.scheme, key))

    def rows(
        self,
        key: str,
        log_p: np.ndarray,
        counts: np.ndarray,
        adjust: Sequence[Adjust],
        *,
        n_keys: int = 1,
    ) -> Iterator[dict[str, Any]]:
        """Realised and attainable rate below each level, with the central 95 % of the latter.

        log_p, counts: of `log_p_of`. adjust: of each text, what makes p values those of `key`.
        """
        read = np.flatnonzero(~np.isnan(log_p)).tolist()
        found = np.array([adjust[i](log_p[i : i + 1], counts[i : i + 1])[0] for i in read])
        detector = self.with_key(0)
        lattices = [attainable(detector, int(counts[i]), adjust[i]) for i in read]
        for level in NULL_LEVELS:
            expected = float(np.mean([_largest(one, level) for one in lattices]))
            count = int((found <= math.log(level)).sum())
            low, high = stats.binom.ppf([0.025, 0.975], len(read), expected) / len(read)
            yield {
                "measure": "false alarms",
                "writer": "human, data/detection",
                "scheme": self.scheme,
                "seeding": self.parameters.get("seeding") or self.parameters.get("statistic", ""),
                "table": self.parameters.get("table", ""),
                "key": key,
                "n_texts": len(read) // n_keys,
                "n_keys": n_keys,
                "tokens": int(np.median(counts[read])),
                "p_below": level,
                "rate": round(count / len(read), 5),
                "expected": round(expected, 5),
                "low": round(float(low), 5),
                "high": round(float(high), 5),
                "probability": float(f"{stats.binomtest(count, len(read), expected).pvalue:.3g}"),
            }


def attainable(detector: Watermark, count: int, adjust: Adjust) -> np.ndarray | None:
    """The p values that a text of `count` trials can have, where sums have steps; else None."""
    if not detector.step:
        return None
    totals = np.arange(0.0, count + 1.0)
    counts = np.full(len(totals), float(count))
    return np.exp(adjust(detector.log_tail(totals, counts), counts))


def _largest(p_values: np.ndarray | None, level: float) -> float:
    """P(p value <= level): less than the level where p values have steps."""
    if p_values is None:
        return level
    return float(p_values[p_values <= level].max(initial=0.0))


# -- power ------------------------------------------------------------------------------------


def power_rows(
    detector: Watermark,
    ids: Iterable[np.ndarray],
    *,
    null: EmpiricalNull | None = None,
    **row: Any,
) -> Iterator[dict]:
    """Share of texts below each level when only their first so many trials are read."""
    trials = detector.trials(list(ids))
    for tokens in POWER_TOKENS:
        log_p = np.array([head_log_p(detector, t, tokens) for t in trials if _has(t, tokens)])
        if null is not None:
            log_p = null.log_p(log_p, np.full(len(log_p), float(tokens)))
        for level in POWER_LEVELS if len(log_p) >= 10 else ():
            found = int((log_p < math.log(level)).sum())
            interval = stats.binomtest(found, len(log_p)).proportion_ci(method="exact")
            yield row | {
                "measure": "power",
                "n_texts": len(log_p),
                "tokens": tokens,
                "p_below": level,
                "rate": round(found / len(log_p), 4),
                "low": round(interval.low, 4),
                "high": round(interval.high, 4),
            }


def head_log_p(detector: Watermark, trials: Trials, tokens: int) -> float:
    """ln p of the first `tokens` trials."""
    total = np.array([trials.values[:tokens].sum()])
    return float(detector.log_tail(total, np.array([float(tokens)]))[0])


def _has(trials: Trials, tokens: int) -> bool:
    return len(trials.values) >= tokens


def written_rows(
    written: Iterable[Any], fitted: Mapping[tuple[str, str], EmpiricalNull]
) -> Iterator[dict[str, Any]]:
    """Power on what the writers wrote, over keys and under the null of the scheme's key."""
    for one in written:
        seeding = one.parameters.get("seeding", "")
        nulls = {"fixed": None, "fitted": fitted.get((one.detector, seeding))}
        for key, null in nulls.items():
            if key == "fixed" or null is not None:
                yield from power_rows(
                    make(one.detector, **one.parameters),
                    one.texts,
                    null=null,
                    writer=one.writer,
                    entropy_nats=round(one.entropy_nats, 2),
                    scheme=one.detector,
                    seeding=seeding,
                    table=one.parameters.get("table", ""),
                    key=key,
                )


def synthid_rows() -> Iterator[dict[str, Any]]:
    """The CUDA texts: power with the right table, and with both tables tried and paid for."""
    from watermark_writers import SYNTHID_KEYS

    ids = opt_ids(
        pq.read_table(DATA / "watermark" / "synthid_opt.parquet").column("text").to_pylist()
    )
    detectors = {t: make("synthid", keys=SYNTHID_KEYS, table=t) for t in ("cuda", "cpu")}
    common = {"writer": "opt, data/watermark", "scheme": "synthid", "key": "fixed"}
    yield from power_rows(detectors["cuda"], ids, table="cuda", **common)
    read = [d.readings_of_ids(ids) for d in detectors.values()]
    long = [pair for pair in zip(*read, strict=True) if pair[0].n_tokens >= 100]
    log_p = np.array([min(r.log_p_any for r in pair) + math.log(len(pair)) for pair in long])
    for level in POWER_LEVELS:
        found = int((log_p < math.log(level)).sum())
        interval = stats.binomtest(found, len(long)).proportion_ci(method="exact")
        yield common | {
            "measure": "power, whole texts, table found",
            "table": "cpu and cuda",
            "n_texts": len(long),
            "tokens": int(np.median([pair[0].n_tokens for pair in long])),
            "p_below": level,
            "rate": round(found / len(long), 4),
            "low": round(interval.low, 4),
            "high": round(interval.high, 4),
        }


# -- record -----------------------------------------------------------------------------------


def append(rows: Iterable[dict[str, Any]]) -> None:
    """Append rows to watermark.csv as they come."""
    git = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False, cwd=HERE).stdout
    common = {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "commit": commit.strip(),
        "machine": f"{platform.machine()} x{os.cpu_count()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    for row in rows:
        is_new = not TABLE.exists()
        with TABLE.open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
            if is_new:
                writer.writeheader()
            writer.writerow(common | row)
        print({key: value for key, value in row.items() if value != ""}, flush=True)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="watermark.py")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--null", action="store_true")
    parser.add_argument("--power", action="store_true")
    parser.add_argument("--synthid", action="store_true")
    parser.add_argument("--smollm", type=Path, metavar="FILE")
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    fitted: dict[tuple[str, str], EmpiricalNull] = {}
    runs: dict[str, Callable[[], Iterable[dict[str, Any]]]] = {
        "fresh": fresh_rows,
        "null": lambda: null_rows(fitted),
        "synthid": synthid_rows,
    }
    if asked.power or asked.smollm:
        import watermark_writers as writers

        runs["power"] = lambda: written_rows(
            chain(
                writers.babbler(N_WRITTEN, TOKENS_WRITTEN), writers.gpt2(N_WRITTEN, TOKENS_WRITTEN)
            ),
            fitted,
        )
        runs["smollm"] = lambda: written_rows(writers.smollm(asked.smollm, 12, 140), fitted)
    for name, rows in runs.items():
        if getattr(asked, name):
            append(rows())
    if asked.table:
        from watermark_table import write

        write(TABLE, HERE / "watermark.md")


if __name__ == "__main__":
    main()
