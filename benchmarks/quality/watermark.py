"""Watermark detectors: false alarms on text without a watermark, power by number of tokens.

    python benchmarks/quality/watermark.py --null            # 3,000 human texts, two protocols
    python benchmarks/quality/watermark.py --informed        # one key, its luck measured beforehand
    python benchmarks/quality/watermark.py --power           # texts written with each scheme
    python benchmarks/quality/watermark.py --synthid         # 300 texts that a CUDA device wrote
    python benchmarks/quality/watermark.py --smollm FILE     # power at a real model's entropy; GGUF
    python benchmarks/quality/watermark.py --table           # watermark.md from watermark.csv

Every rate is a row of watermark.csv. Under "fresh" every text is read with a key of its own: the
p values are independent, and the realised rate must be the expected one within binomial error.
Under "fixed" one key reads all: texts share common pairs of tokens, so the rates of all texts move
together with the luck of the key. "informed" is "fixed" with the green share of other human text
given as `human_share`.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import math
import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
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
from detectors.watermark.trials import Trials

HERE = Path(__file__).parent
TABLE = HERE / "watermark.csv"
DATA = Path(os.environ.get("PROVENANCE_DATA", "."))
N_NULL, N_REFERENCE = 3000, 1000
NULL_LEVELS = (0.05, 0.01, 0.001)
POWER_LEVELS = (1e-3, 1e-6)
POWER_TOKENS = (30, 50, 75, 100, 150, 200)
N_WRITTEN, TOKENS_WRITTEN = 120, 260
OPT_VOCAB_SIZE = 50_272
CIRCUMSTANCES = "date commit machine python numpy torch transformers"
COLUMNS = (
    f"{CIRCUMSTANCES} measure writer entropy_nats scheme seeding table key n_texts tokens p_below"
    " rate expected low high"
).split()


def make(scheme: str, **parameters: Any) -> Watermark:
    """A detector that is given ids."""
    module, _, name = SCHEMES[scheme].partition(":")
    detector: Watermark = getattr(import_module(module), name)(lambda _: [], **parameters)
    return detector


# -- false alarms -----------------------------------------------------------------------------


def human_ids(source: str, n_texts: int) -> list[np.ndarray]:
    """OPT token ids of a seeded sample of human texts of at least 300 characters."""
    texts = []
    for path in sorted((DATA / source).glob("*.parquet")):
        rows = pq.read_table(path).to_pylist()
        texts += [r["text"] for r in rows if r.get("label") != "ai" and len(r["text"]) >= 300]
    chosen = np.random.default_rng(0).choice(len(texts), n_texts, replace=False)
    return opt_ids([texts[i] for i in chosen])


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


def null_rows(ids: Sequence[np.ndarray]) -> Iterator[dict[str, Any]]:
    """Realised rates of every scheme and table under both protocols."""
    keys = np.random.default_rng(1).integers(1, 2**31, len(ids)).tolist()
    for scheme, parameters in null_cases():
        fresh = [
            make(scheme, **parameters, **keyed(scheme, key)).readings_of_ids([one])[0]
            for key, one in zip(keys, ids, strict=True)
        ]
        yield from rates(scheme, parameters, "fresh", fresh)
        fixed = make(scheme, **parameters, **keyed(scheme, 0)).readings_of_ids(ids)
        yield from rates(scheme, parameters, "fixed", fixed)


def informed_rows(ids: Sequence[np.ndarray]) -> Iterator[dict[str, Any]]:
    """The fixed key of every green list, with the green share of other human text."""
    reference = human_ids("human", N_REFERENCE)
    for scheme, parameters in null_cases():
        if scheme not in ("kgw", "unigram"):
            continue
        case = parameters | keyed(scheme, 0)
        share = make(scheme, **case).mean_value(reference)
        readings = make(scheme, **case, human_share=share).readings_of_ids(ids)
        yield from rates(scheme, parameters, "informed", readings, human_share=share or 0.0)


def rates(
    scheme: str,
    parameters: dict[str, Any],
    key: str,
    readings: Sequence[Any],
    *,
    human_share: float = 0.0,
) -> Iterator[dict[str, Any]]:
    """Realised and attainable rate below each level, with the central 95 % of the latter."""
    read = [one for one in readings if one.log_p is not None]
    log_p = np.array([one.log_p for one in read])
    counts = np.array([one.n_tokens for one in read])
    for level in NULL_LEVELS:
        expected = level
        if scheme in ("kgw", "unigram"):
            gamma = parameters.get("gamma", 0.25 if scheme == "kgw" else 0.5)
            green = max(int(gamma * OPT_VOCAB_SIZE) / OPT_VOCAB_SIZE, human_share)
            expected = attainable(counts, green, level)
        low, high = stats.binom.ppf([0.025, 0.975], len(read), expected) / len(read)
        yield {
            "measure": "false alarms",
            "writer": "human, data/detection",
            "scheme": scheme,
            "seeding": parameters.get("seeding") or parameters.get("statistic", ""),
            "table": parameters.get("table", ""),
            "key": key,
            "n_texts": len(read),
            "tokens": int(np.median(counts)),
            "p_below": level,
            "rate": round(float((log_p <= math.log(level)).mean()), 5),
            "expected": round(expected, 5),
            "low": round(float(low), 5),
            "high": round(float(high), 5),
        }


def attainable(counts: np.ndarray, p: float, level: float) -> float:
    """Mean of P(p value <= level): less than the level, because a binomial has steps."""
    least = stats.binom.isf(level, counts, p) + 1  # P(X >= least) <= level < P(X >= least - 1)
    return float(stats.binom.sf(least - 1, counts, p).mean())


# -- power ------------------------------------------------------------------------------------


def power_rows(detector: Watermark, ids: Iterable[np.ndarray], **row: Any) -> Iterator[dict]:
    """Share of texts below each level when only their first so many trials are read."""
    trials = detector.trials(list(ids))
    for tokens in POWER_TOKENS:
        log_p = np.array([head_log_p(detector, t, tokens) for t in trials if _has(t, tokens)])
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


def written_rows(written: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Power on what the writers wrote."""
    for one in written:
        yield from power_rows(
            make(one.detector, **one.parameters),
            one.texts,
            writer=one.writer,
            entropy_nats=round(one.entropy_nats, 2),
            scheme=one.detector,
            seeding=one.parameters.get("seeding", ""),
            table=one.parameters.get("table", ""),
            key="fixed",
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
    parser.add_argument("--null", action="store_true")
    parser.add_argument("--informed", action="store_true")
    parser.add_argument("--power", action="store_true")
    parser.add_argument("--synthid", action="store_true")
    parser.add_argument("--smollm", type=Path, metavar="FILE")
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    runs: dict[str, Callable[[], Iterable[dict[str, Any]]]] = {
        "null": lambda: null_rows(human_ids("detection", N_NULL)),
        "informed": lambda: informed_rows(human_ids("detection", N_NULL)),
        "synthid": synthid_rows,
    }
    if asked.power or asked.smollm:
        import watermark_writers as writers

        runs["power"] = lambda: written_rows(
            chain(
                writers.babbler(N_WRITTEN, TOKENS_WRITTEN), writers.gpt2(N_WRITTEN, TOKENS_WRITTEN)
            )
        )
        runs["smollm"] = lambda: written_rows(writers.smollm(asked.smollm, 12, 140))
    for name, rows in runs.items():
        if getattr(asked, name):
            append(rows())
    if asked.table:
        from watermark_table import write

        write(TABLE, HERE / "watermark.md")


if __name__ == "__main__":
    main()
