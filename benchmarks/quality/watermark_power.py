"""Power of watermark detectors by number of scored tokens, on texts that carry the mark."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from scipy import stats
from watermark_detectors import DATA, SYNTHID_KEYS, make, opt_ids

from detectors.watermark.detector import Watermark
from detectors.watermark.empirical_null import EmpiricalNull
from detectors.watermark.trials import Trials

POWER_LEVELS = (1e-3, 1e-6)
POWER_TOKENS = (30, 50, 75, 100, 150, 200)


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
