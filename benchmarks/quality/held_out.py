"""Detectors trained without what they are asked about, and the texts they are asked about.

Shared by `combined.py` (a data set held out) and `modern.py` (a family of generators and sources of
human text held out).
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from scored_texts import ScoredText, Tokenizer

from detectors.classifier.augment import augmented
from detectors.classifier.examples import Example
from detectors.classifier.linear import LinearDetector, text_features
from detectors.classifier.linear_fitting import fit
from detectors.classifier.named import NamedModel
from detectors.classifier.named_fitting import Labelled, NamedOptions, fit_named
from detectors.classifier.stylometry_fitting import training_profiles
from detectors.classifier.training import Config, select
from detectors.classifier.weighting import group_weights
from detectors.kernels.documents import Features
from detectors.perplexity.fast_detect import FastDetect
from detectors.perplexity.perplexity import Perplexity
from detectors.perplexity.profile import NAMES, token_profile
from detectors.protocol import TokenStatistics
from detectors.stacking import stack
from detectors.stylometry.detector import Stylometry
from detectors.stylometry.profile import NAMES as STYLE_NAMES

HERE = Path(__file__).parent
SHORTEST_TOKENS = 80  # of the random cut that the token profile is fitted on
#: What `nested.choices` found for the model that no file of combined.py is kept from; on a fifth
#: more texts it found a ridge of 0.3, which ranks the files the same to the third digit.
TOKEN_OPTIONS = NamedOptions(l2=1.0, drift=0.0)

EMBEDDED = ("linear", "stylometry")
ZERO_SHOT = ("perplexity", "fast_detect")


@dataclass(frozen=True, slots=True)
class Asked:
    """A cut text that detectors are asked about; statistics where a language model has read it."""

    example: Example
    text: str
    statistics: TokenStatistics | None = None

    @property
    def n_words(self) -> int:
        """Words of the cut text."""
        return len(self.text.split())


Judge = Callable[[Sequence[Asked]], np.ndarray]


class Pool:
    """Texts that the embedded detectors may be trained on, taken apart once for every fold.

    One augmented window of each text, at most `max_per_group` texts of a source or generator.
    """

    def __init__(
        self,
        sets: Mapping[str, Sequence[Example]],
        configs: Mapping[str, Config],
        max_per_group: int,
    ) -> None:
        smaller = dataclasses.replace(configs["linear"], max_per_group=max_per_group)
        self._configs = configs
        self.examples = select((one for some in sets.values() for one in some), smaller)
        rng = random.Random(smaller.seed)
        texts = [one.text for one in self.examples]
        self._features = text_features([augmented(text, rng=rng) for text in texts])
        self._profiles, self._mistyped = training_profiles(texts, rng=rng)

    def judges(self, is_kept: Callable[[Example], bool]) -> dict[str, Judge]:
        """Each detector, fitted on the kept texts by the options of its shipped configuration."""
        return {
            "linear": self.linear_judge(is_kept),
            "stylometry": style_judge(self.style_model(is_kept)),
        }

    def linear_judge(self, is_kept: Callable[[Example], bool]) -> Judge:
        """The linear detector, fitted on the kept texts."""
        rows = self._rows_of(is_kept)
        kept = [self.examples[i] for i in rows]
        is_ai = np.array([one.is_ai for one in kept])
        model = fit(_rows(self._features, rows), is_ai, _weights(kept), self._configs["linear"].fit)
        return _embedded(LinearDetector(model))

    def style_model(
        self, is_kept: Callable[[Example], bool], options: NamedOptions | None = None
    ) -> NamedModel:
        """Weights of stylometry, fitted on the kept texts."""
        rows = self._rows_of(is_kept)
        kept = [self.examples[i] for i in rows]
        labelled = _labelled(kept, self._profiles[rows], self._mistyped[rows])
        return fit_named(STYLE_NAMES, labelled, options or self._configs["stylometry"].fit)

    def _rows_of(self, is_kept: Callable[[Example], bool]) -> np.ndarray:
        return np.array([i for i, one in enumerate(self.examples) if is_kept(one)])


def _weights(examples: Sequence[Example]) -> np.ndarray:
    return group_weights(
        np.array([one.is_ai for one in examples]),
        [one.group for one in examples],
        [one.dataset for one in examples],
        balance=0.5,
    )


def _labelled(
    examples: Sequence[Example], features: np.ndarray, mistyped: np.ndarray | None = None
) -> Labelled:
    is_ai = np.array([one.is_ai for one in examples])
    units = [one.dataset if one.is_ai else one.source for one in examples]
    return Labelled(features, is_ai, units, _weights(examples), mistyped)


def _rows(features: Features, rows: np.ndarray) -> Features:
    """Some rows of a feature matrix."""
    starts, stops = features.bounds[rows], features.bounds[rows + 1]
    places = np.concatenate([np.arange(a, b) for a, b in zip(starts, stops, strict=True)])
    return Features(
        features.buckets[places],
        features.weights[places],
        np.r_[0, np.cumsum(stops - starts)],
        features.style[rows],
        features.n_words[rows],
    )


def style_judge(model: NamedModel) -> Judge:
    """Stylometry with these weights."""
    return _embedded(Stylometry(model))


def _embedded(detector: LinearDetector | Stylometry) -> Judge:
    return lambda asked: values(detector.score([one.text for one in asked]))


def values(scores: Sequence[Any]) -> np.ndarray:
    """Scores as float64, NaN where the detector abstained."""
    return np.array([np.nan if one.value is None else one.value for one in scores], np.float64)


def token_judge(texts: Sequence[Asked], options: NamedOptions = TOKEN_OPTIONS) -> Judge:
    """The token profile, fitted on the given texts."""
    model = token_model(texts, options)
    return lambda asked: model.logits(token_profiles(asked))


def token_model(texts: Sequence[Asked], options: NamedOptions = TOKEN_OPTIONS) -> NamedModel:
    """Weights of the token profile."""
    return token_fit([one.example for one in texts], token_profiles(texts), options)


def token_fit(examples: Sequence[Example], found: np.ndarray, options: NamedOptions) -> NamedModel:
    """Weights of the token profile. found: the `token_profiles` of the examples."""
    return fit_named(NAMES, _labelled(examples, found), options)


def token_profiles(texts: Sequence[Asked]) -> np.ndarray:
    """Named statistics of texts that a language model has read, float64 [n, F]."""
    return np.array([_profile(one) for one in texts])


def _profile(one: Asked) -> np.ndarray:
    assert one.statistics is not None
    return token_profile(one.statistics)


def zero_shot_judges() -> dict[str, Judge]:
    """Published statistics, fitted on nothing."""
    detectors = {"perplexity": Perplexity, "fast_detect": FastDetect}
    return {name: _zero_shot(made) for name, made in detectors.items()}


def _zero_shot(made: Any) -> Judge:
    return lambda asked: np.array([made.value(None, one.statistics) for one in asked])


def digest(text: str) -> str:
    """Names an asked text in a file of further scores."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def further_judges(path: Path) -> dict[str, Judge]:
    """Detectors that were asked elsewhere. Columns: detector, digest (of the cut text), score."""
    found: dict[str, dict[str, float]] = {}
    for row in pq.read_table(path).to_pylist():
        value = np.nan if row["score"] is None else float(row["score"])
        found.setdefault(row["detector"], {})[row["digest"]] = value
    return {name: _known(scores) for name, scores in found.items()}


def _known(scores: Mapping[str, float]) -> Judge:
    return lambda asked: np.array([scores.get(digest(one.text), np.nan) for one in asked])


def fitting_texts(texts: Sequence[ScoredText], config: Config, tokenizer: Tokenizer) -> list[Asked]:
    """What the token profile may be fitted on, each text cut to a random number of tokens."""
    rng = np.random.default_rng(0)
    kept = [
        one
        for one in texts
        if (one.example.dataset in config.allowed.licences or one.of_corpus)
        and len(one.token_ids) >= SHORTEST_TOKENS
    ]
    lengths = [int(rng.integers(SHORTEST_TOKENS, len(one.token_ids) + 1)) for one in kept]
    return [cut(one, n, tokenizer) for one, n in zip(kept, lengths, strict=True)]


def cut(one: ScoredText, n_tokens: int, tokenizer: Tokenizer) -> Asked:
    """The first tokens of a text, without its line breaks."""
    return Asked(
        one.example,
        tokenizer.text(one.token_ids[:n_tokens]),
        one.statistics(n_tokens, without=tokenizer.line_breaks),
    )


def matched_lengths(lengths: np.ndarray, is_ai: np.ndarray) -> np.ndarray:
    """Lengths to cut to, so that both labels have one distribution: the shorter of each text's own
    length and the other label's length at the same quantile.
    """
    cut_to = lengths.copy()
    for own, other in ((is_ai, ~is_ai), (~is_ai, is_ai)):
        ordered = np.sort(lengths[own])
        sides = [np.searchsorted(ordered, lengths[own], side=side) for side in ("left", "right")]
        quantile = np.minimum(1.0, sum(sides) / 2 / len(ordered))
        matched = np.quantile(lengths[other], quantile).astype(np.int64)
        cut_to[own] = np.minimum(lengths[own], matched)
    return cut_to


def fused(scores: np.ndarray, is_ai: np.ndarray, groups: np.ndarray) -> Callable[..., np.ndarray]:
    """Stacking of the members' scores, fitted on texts that no member saw.

    scores: float64 [n, k]; rows where a member abstained are left out of the fit, and get NaN.
    """
    whole = np.isfinite(scores).all(axis=1)
    mean, deviation = scores[whole].mean(axis=0), scores[whole].std(axis=0)
    beta = stack((scores[whole] - mean) / deviation, is_ai[whole], groups[whole]).beta
    return lambda asked: (asked - mean) / deviation @ beta[1:] + beta[0]


def mixed(scores: np.ndarray, is_ai: np.ndarray, groups: np.ndarray) -> Callable[..., np.ndarray]:
    """The mean of the members' likelihood ratios, as a logarithm; arguments as of `fused`.

    A ratio against a mixture of the kinds of machine that single members know: a member that finds
    nothing does not overrule one that does. Means of e-values are e-values under any dependence
    (Vovk & Wang 2021), so that nothing is fitted but each member's own ratio.
    """
    ratios = [fused(scores[:, [k]], is_ai, groups) for k in range(scores.shape[1])]

    def mean_ratio(asked: np.ndarray) -> np.ndarray:
        each = [ratio(asked[:, [k]]) for k, ratio in enumerate(ratios)]
        with np.errstate(invalid="ignore"):  # NaN where a member abstained
            return np.logaddexp.reduce(each, axis=0) - np.log(len(each))

    return mean_ratio


def by(items: Sequence[Any], key: Callable[[Any], str]) -> Iterator[tuple[str, list[Any]]]:
    """Values of the key in order, and the items that have each."""
    for value in sorted({key(one) for one in items}):
        yield value, [one for one in items if key(one) == value]
