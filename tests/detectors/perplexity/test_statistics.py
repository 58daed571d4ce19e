"""Each detector is its paper's formula, with the sign that puts machine text on top."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tiny_models
import torch

from detectors.language_model import ModelPair
from detectors.perplexity.binoculars import Binoculars, binoculars
from detectors.perplexity.detector import MIN_DISTINCT, StatisticDetector
from detectors.perplexity.entropy import Entropy
from detectors.perplexity.fast_detect import FastDetect
from detectors.perplexity.gltr import GLTR, Histogram, histogram
from detectors.perplexity.log_rank import LogRank
from detectors.perplexity.lrr import LRR
from detectors.perplexity.perplexity import Perplexity
from detectors.perplexity.presets import PRESETS
from detectors.protocol import PairStatistics, Score, TokenStatistics

ALL = (Perplexity, LogRank, LRR, GLTR, Entropy, FastDetect)


def statistics(rows: int = 1, n_distinct: int = 50) -> TokenStatistics:
    """Four tokens, `rows` times: answers below are by hand."""
    tile = lambda values, dtype=np.float32: np.tile(np.array(values, dtype), rows)  # noqa: E731
    return TokenStatistics(
        log_likelihood=tile([-1.0, -2.0, -3.0, -2.0]),
        rank=tile([1, 10, 11, 2000], np.int64),
        entropy=tile([1.0, 2.0, 3.0, 4.0]),
        top1=tile([-0.5, -0.5, -1.0, -1.0]),
        variance=tile([0.25, 0.25, 0.25, 0.25]),
        n_distinct=n_distinct,
    )


def of(cls: type[StatisticDetector]) -> StatisticDetector:
    return cls(tiny_models.language_model())


LOG_RANK = (math.log(10) + math.log(11) + math.log(2000)) / 4


@pytest.mark.parametrize(
    ("cls", "expected"),
    [
        (Perplexity, -2.0),
        (LogRank, -LOG_RANK),
        (LRR, 2.0 / LOG_RANK),
        (GLTR, 0.5),
        (Entropy, -2.5),
        (FastDetect, (-8.0 + 10.0) / 1.0),
    ],
)
def test_the_value_is_that_of_the_formula_by_hand(
    cls: type[StatisticDetector], expected: float
) -> None:
    assert of(cls).value(statistics()) == pytest.approx(expected)


def test_binoculars_by_hand() -> None:
    made = PairStatistics(
        log_likelihood=np.float32([-1.0, -2.0]),
        mean=np.float32([-3.0, -1.0]),
        variance=np.float32([1.0, 1.0]),
        n_distinct=2,
    )

    assert binoculars(made) == pytest.approx(0.75)
    assert Binoculars(None).value(made) == pytest.approx(-0.75)  # type: ignore[arg-type]


def test_the_histogram_of_ranks() -> None:
    assert histogram(statistics()) == Histogram(0.5, 0.25, 0.0, 0.25)


def test_fast_detect_with_a_pair_of_one_model_is_fast_detect_with_the_model() -> None:
    model = tiny_models.language_model()
    text = "An unremarkable sentence about the weather, written to be scored and then forgotten."

    alone = FastDetect(model).score([text])[0]

    paired = FastDetect(ModelPair(sampling=model, scoring=model)).score([text])[0]
    assert paired.value == pytest.approx(alone.value, abs=1e-4)


@pytest.mark.parametrize("cls", [cls for cls in ALL if cls is not Entropy])
def test_what_the_model_writes_scores_above_noise(cls: type[StatisticDetector]) -> None:
    model = tiny_models.language_model()
    generator = torch.Generator().manual_seed(0)
    noise = torch.randint(256, (2, 80), generator=generator).numpy()
    torch.manual_seed(0)
    written = model._model.generate(
        torch.tensor([[65]] * 2), do_sample=True, max_new_tokens=79, min_new_tokens=79,
        pad_token_id=256, top_k=0,
    ).numpy()  # fmt: skip

    machine, human = (
        [s.value for s in cls(model).score_statistics(model.statistics_of_ids(list(ids)))]
        for ids in (written, noise)
    )

    assert min(machine) > max(human)


@pytest.mark.parametrize("cls", ALL)
def test_abstentions(cls: type[StatisticDetector]) -> None:
    detector = of(cls)
    empty = TokenStatistics(*[np.zeros(0, np.float32)] * 5, n_distinct=0)

    assert detector.score_statistics([empty, statistics(15), statistics(16, MIN_DISTINCT - 1)]) == [
        Score(None, 0, "degenerate"),
        Score(None, 60, "too_short"),
        Score(None, 64, "degenerate"),
    ]
    assert detector.score_statistics([statistics(16)])[0].reason is None


@pytest.mark.parametrize("cls", [Perplexity, FastDetect, Entropy])
def test_a_model_that_breaks_down_makes_no_score(cls: type[StatisticDetector]) -> None:
    broken = statistics(16)
    broken.log_likelihood[3] = broken.entropy[3] = np.nan

    assert of(cls).score_statistics([broken]) == [Score(None, 64, "degenerate")]


def test_ratios_without_a_denominator_abstain() -> None:
    certain = TokenStatistics(
        *(np.zeros(64, np.float32), np.ones(64, np.int64), *[np.zeros(64, np.float32)] * 3),
        n_distinct=50,
    )
    pair = PairStatistics(*[np.zeros(64, np.float32)] * 3, n_distinct=50)

    assert of(LRR).score_statistics([certain])[0] == Score(None, 64, "degenerate")
    assert of(FastDetect).score_statistics([certain])[0] == Score(None, 64, "degenerate")
    assert Binoculars(None)._score(pair) == Score(None, 64, "degenerate")  # type: ignore[arg-type]


def test_presets_name_a_scorer_and_no_threshold() -> None:
    assert {"smollm2-135m", "qwen2.5-0.5b", "falcon-7b"} <= PRESETS.keys()
    for one in PRESETS.values():
        assert one.source.count("/") == 1
        assert one.max_tokens == 512
        assert not hasattr(one, "threshold")
