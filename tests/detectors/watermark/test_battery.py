"""What every watermark detector promises, for any text."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from detectors.protocol import Detector, Score
from detectors.watermark import SCHEMES
from detectors.watermark.detector import LIMIT_CHARACTERS, MIN_TOKENS, Watermark

V = 300
PARAMETERS = {
    "kgw": [
        {"vocab_size": V},
        {"vocab_size": V, "seeding": "lm-watermarking/selfhash"},
        {"vocab_size": V, "seeding": "markllm-min", "context_width": 3},
    ],
    "unigram": [{"vocab_size": V}],
    "gumbel": [{"vocab_size": V}, {"vocab_size": V, "seeding": "three-bricks-hash"}],
    "synthid": [{"keys": [1, 2, 3]}, {"keys": [5], "table": "cuda", "statistic": "mean"}],
}
ANY_IDS = arrays.arrays(
    np.int64,
    st.integers(0, 120),
    elements=st.one_of(st.integers(0, V + 5), st.integers(-(2**63), 2**63 - 1)),
)


def bytes_as_ids(texts: Sequence[str]) -> list[np.ndarray]:
    return [np.frombuffer(text.encode(), np.uint8).astype(np.int64) for text in texts]


def detectors_of(scheme: str) -> list[Watermark]:
    module, _, name = SCHEMES[scheme].partition(":")
    cls = getattr(import_module(module), name)
    return [cls(bytes_as_ids, **parameters) for parameters in PARAMETERS[scheme]]


ALL = {f"{scheme} {i}": one for scheme in SCHEMES for i, one in enumerate(detectors_of(scheme))}


@pytest.fixture(params=ALL.values(), ids=ALL.keys())
def detector(request: pytest.FixtureRequest) -> Watermark:
    return request.param


def test_it_keeps_the_protocol(detector: Watermark) -> None:
    assert isinstance(detector, Detector)
    assert detector.spec.name in SCHEMES
    assert detector.spec.min_tokens == MIN_TOKENS


@settings(max_examples=60, deadline=None)
@given(ids=st.lists(ANY_IDS, max_size=4))
def test_no_ids_raise_and_neighbours_change_nothing(ids: list[np.ndarray]) -> None:
    for one in ALL.values():
        readings = one.readings_of_ids(ids)

        assert readings == [one.readings_of_ids([alone])[0] for alone in ids]
        for reading in readings:
            assert (reading.log_p is None) == (reading.n_tokens < MIN_TOKENS)
            assert (reading.log_p is None) == (reading.reason is not None)
            assert reading.log_p is None or -math.inf < reading.log_p <= 0.0


@pytest.mark.parametrize("text", ["", " ", "a", "\ud800", "\x00" * 100])
def test_text_with_nothing_to_score_abstains_with_a_reason(detector: Watermark, text: str) -> None:
    score = detector.score([text])[0]

    assert score.value is None
    assert score.reason in ("too_short", "degenerate")


def test_no_text_no_score(detector: Watermark) -> None:
    assert detector.score([]) == []


def test_a_score_is_minus_the_logarithm_of_the_p_value(detector: Watermark) -> None:
    text = bytes(range(32, 127)).decode() * 3
    reading = detector.readings([text])[0]

    score = detector.score([text])[0]

    assert score == Score(-reading.log_p / math.log(10), reading.n_tokens)
    assert score.value >= 0


def test_only_the_beginning_of_an_endless_text_is_read(detector: Watermark) -> None:
    rng = np.random.default_rng(0)
    head, tail = (bytes(rng.integers(low, low + 48, 500).tolist()).decode() for low in (32, 79))
    text = head + "a" * (LIMIT_CHARACTERS - len(head))

    assert detector.readings([text + tail]) == detector.readings([text])
    assert detector.readings([text[:-600] + tail]) != detector.readings([text])


def test_time_grows_no_faster_than_the_text(detector: Watermark) -> None:
    rng = np.random.default_rng(0)
    short, long = rng.integers(0, V, 4_000), rng.integers(0, V, 16_000)
    detector.readings_of_ids([short])

    def seconds(ids: np.ndarray) -> float:
        times = []
        for _ in range(3):
            start = time.process_time()
            detector.readings_of_ids([ids])
            times.append(time.process_time() - start)
        return min(times)

    assert seconds(long) < 4 * 3 * seconds(short) + 0.02
