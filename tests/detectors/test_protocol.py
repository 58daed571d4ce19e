"""The battery that every registered detector passes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib import import_module

import numpy as np
import pytest
import tiny_classifiers
import tiny_models
import tiny_probes

from detectors.classifier.probe import Probe
from detectors.classifier.sequence import SequenceClassifier
from detectors.language_model import ModelPair
from detectors.protocol import Detector, Score
from detectors.registry import detector_class, registered
from detectors.watermark import SCHEMES

HUMAN = (
    "We got in around nine and the place was heaving. No table, so we stood by the bar for "
    "ages, me with my bag on my feet because I don't trust anyone. Anyway the pie was good! "
    "Really good, actually, though Dave sent his back twice and then ate mine. Would I go "
    "again? Maybe on a Tuesday. Parking is a joke round there so get the bus, and bring cash, "
    "the card thing was bust.",
    "I tried the patch against 2.4.18 and it oopses on the second mount, every time. The trace "
    "points at iput but I don't believe it - looks more like somebody frees the dentry twice. "
    "If I back out the hunk in namei.c it goes away. Haven't had time to read it properly, kids"
    " are ill. Could someone with an SMP box check before Linus pulls this? I'll be back on "
    "Thursday.",
)
AI = (
    "Effective communication plays a crucial role in fostering strong relationships, both in "
    "personal and professional settings. By actively listening to others and expressing our "
    "thoughts clearly, we can build trust, enhance collaboration, and create a supportive "
    "environment. Additionally, it is essential to recognize the importance of empathy, as it "
    "allows us to understand different perspectives. Ultimately, these skills contribute to "
    "overall success and well-being, empowering individuals to navigate challenges with "
    "confidence.",
    "In today's rapidly evolving digital landscape, businesses must embrace innovative "
    "strategies to remain competitive. Leveraging advanced technologies not only streamlines "
    "operations but also provides valuable insights into customer behavior. Furthermore, a "
    "comprehensive approach to data security is vital in ensuring long-term sustainability. By "
    "prioritizing continuous improvement and fostering a culture of collaboration, "
    "organizations can unlock new opportunities for growth and deliver exceptional value to "
    "their stakeholders.",
)
DEGENERATE = {
    "empty": "",
    "spaces": " \n\t " * 100,
    "one word": "hello",
    "punctuation": "?!.,;" * 200,
    "invisible": "\u200b\ufeff" * 500,
    "markup": "### *** ___ | --- |" * 100,
    "controls": "\x00\x01\x1b" * 100,
    "lone surrogate": "\ud800",
}
STRANGE = {
    "one word again": "word " * 300,
    "one long word": "a" * 2000 + " b" * 60,
    "numbers": "12345 " * 100,
    "emoji": "🙂 " * 100,
    "Chinese": "天气很好我们去公园吧" * 30,
    "surrogates among words": "some \ud800 words " * 60,
}


#: What neighbours in a batch may change in the score of a model: float32 rounding. A detector that
#: needs none scores exactly the same.
TOLERANCE = 1e-3
WATERMARKS = {
    "kgw": {"vocab_size": 300},
    "unigram": {"vocab_size": 300},
    "gumbel": {"vocab_size": 300},
    "synthid": {"keys": [1, 2, 3]},
}


def bytes_as_ids(texts: Sequence[str]) -> list[np.ndarray]:
    return [np.frombuffer(text.encode(), np.uint8).astype(np.int64) for text in texts]


def made(name: str) -> Detector:
    """A detector by its registered name, over tiny models where it needs them."""
    if name in SCHEMES:
        module, _, cls = SCHEMES[name].partition(":")
        return getattr(import_module(module), cls)(bytes_as_ids, **WATERMARKS[name])
    cls = detector_class(name)
    if cls is Probe:  # reads a language model that an installation may lack
        return tiny_probes.probe()
    if cls.spec.needs == "nothing":
        return cls()
    if cls.spec.needs == "classifier":
        return cls(
            SequenceClassifier(tiny_classifiers.bert(["Human", "AI"]), tiny_classifiers.tokenizer())
        )
    model = tiny_models.language_model()
    if cls.spec.needs == "model":
        return cls(model)
    other = tiny_models.language_model(tiny_models.llama(seed=1))
    return cls(ModelPair(sampling=other, scoring=model))


def same(detector: Detector, ours: Score, theirs: Score) -> bool:
    if detector.spec.needs == "nothing" or ours.value is None or theirs.value is None:
        return ours == theirs
    return ours.n_tokens == theirs.n_tokens and math.isclose(
        ours.value, theirs.value, rel_tol=TOLERANCE, abs_tol=TOLERANCE
    )


@pytest.fixture(scope="module", params=[*sorted(registered()), *sorted(SCHEMES)])
def detector(request: pytest.FixtureRequest) -> Detector:
    return made(request.param)


def test_it_keeps_the_protocol(detector: Detector) -> None:
    assert isinstance(detector, Detector)
    assert detector.spec.name in {**registered(), **SCHEMES}
    assert detector.spec.needs in ("nothing", "model", "pair", "classifier")
    assert detector.spec.min_tokens > 0
    assert detector.spec.reference


def test_one_score_per_text_in_order(detector: Detector) -> None:
    texts = [HUMAN[0], "", AI[0], HUMAN[1]]

    scores = detector.score(texts)

    assert len(scores) == len(texts)
    for text, score in zip(texts, scores, strict=True):
        assert same(detector, score, detector.score([text])[0])
    assert len({score.value for score in scores}) == len(texts)


def test_no_text_no_score(detector: Detector) -> None:
    assert detector.score([]) == []


def test_neighbours_change_nothing(detector: Detector) -> None:
    alone = detector.score([HUMAN[0]])[0]

    crowd = detector.score([AI[0], STRANGE["emoji"], HUMAN[0], AI[1]])[2]

    assert same(detector, crowd, alone)


def test_a_second_run_scores_the_same(detector: Detector) -> None:
    assert detector.score([*HUMAN, *AI]) == detector.score([*HUMAN, *AI])


@pytest.mark.parametrize("text", DEGENERATE.values(), ids=DEGENERATE.keys())
def test_text_with_nothing_to_score_abstains_with_a_reason(detector: Detector, text: str) -> None:
    score = detector.score([text])[0]

    assert score.value is None
    assert score.reason in ("too_short", "degenerate")


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE.keys())
def test_strange_text_gets_a_finite_score_or_a_reason(detector: Detector, text: str) -> None:
    score = detector.score([text])[0]

    assert (score.value is None) != (score.reason is None)
    assert score.value is None or math.isfinite(score.value)


def test_text_is_too_short_below_the_stated_number_of_tokens_and_only_there(
    detector: Detector,
) -> None:
    text = f"{HUMAN[0]} {HUMAN[1]}"

    scores = detector.score([text[:n] for n in range(3, 400, 16)])

    for score in scores:
        is_short = score.n_tokens < detector.spec.min_tokens
        assert (score.value is None) == is_short
        assert (score.reason in ("too_short", "degenerate")) == is_short
    assert {score.reason for score in scores} >= {None, "too_short"}


@pytest.mark.parametrize("name", ["linear", "stylometry", "encoder"])
def test_machine_text_scores_above_human_text(name: str) -> None:
    scores = [score.value for score in made(name).score([*HUMAN, *AI])]

    assert all(value is not None for value in scores)
    assert max(scores[:2]) < min(scores[2:])
