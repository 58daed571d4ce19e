"""False alarms of watermark detectors on human text, under the protocols of `watermark`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from scipy import stats
from watermark_detectors import DATA, SYNTHID_KEYS, make, opt_ids

from detectors.watermark.detector import Watermark
from detectors.watermark.empirical_null import MIN_TEXTS, Adjust, EmpiricalNull, Nulls, fit_null

N_NULL, N_REFERENCE = 3000, 3000
#: Characters of a text of the reference that are read: data/human has books.
REFERENCE_CHARACTERS = 6000
#: Keys per text under "fresh"; a key of KGW takes as long as a hundred of SynthID.
N_KEYS = {"kgw": 1, "unigram": 2, "gumbel": 2, "synthid": 2}
NULL_LEVELS = (0.05, 0.01, 0.001)
OPT_VOCAB_SIZE = 50_272


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
