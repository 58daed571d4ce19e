"""Training the stylometry detector."""

from __future__ import annotations

import random

import numpy as np

from detectors.classifier.examples import Example
from detectors.classifier.kinds import KINDS, kind
from detectors.classifier.named_fitting import NamedOptions
from detectors.classifier.stylometry_fitting import train_stylometry, training_profiles
from detectors.stylometry.profile import NAMES

MARKS = {False: (".", "!", "?"), True: (".", ".", ";")}


def examples(*, n: int = 120) -> list[Example]:
    """Words of no meaning; the labels differ in marks, sentence length and contractions."""
    rng = random.Random(0)
    made = []
    for i in range(n):
        is_ai = i % 2 == 1
        words = rng.choices(["table", "road", "water", "green", "walked", "the", "of"], k=90)
        if not is_ai:
            words = [word if rng.random() > 0.1 else "don't" for word in words]
        step = 14 if is_ai else 7
        for at in range(step, len(words), step):
            words[at] += rng.choice(MARKS[is_ai])
        label, source = ("ai", "set") if is_ai else ("human", f"source{i % 4}")
        generator = "gpt-4" if is_ai else "human"
        made.append(Example(" ".join(words), label, "en", source, source, generator=generator))
    return made


def trained(**options: float) -> object:
    return train_stylometry(
        examples(), NamedOptions(**options), seed=0, checkpoint=None, progress=lambda: None
    )


def test_what_it_was_trained_on_is_told_apart() -> None:
    detector = kind("stylometry").detector(trained())
    asked = examples()

    values = np.array([score.value for score in detector.score([one.text for one in asked])])

    is_ai = np.array([one.is_ai for one in asked])
    assert values[is_ai].min() > values[~is_ai].max()


def test_the_same_examples_and_seed_give_the_same_weights() -> None:
    assert trained().digest() == trained().digest()
    assert trained().names == NAMES


def test_texts_with_typing_errors_hold_more_words_that_no_list_has() -> None:
    texts = [one.text for one in examples()]

    values, mistyped = training_profiles(texts, rng=random.Random(0))

    unlisted = NAMES.index("unlisted")
    assert values.shape == mistyped.shape == (len(texts), len(NAMES))
    assert mistyped[:, unlisted].mean() > values[:, unlisted].mean() + 0.05


def test_the_penalty_on_typing_errors_reaches_the_weights() -> None:
    assert trained(typos=1.0).digest() != trained().digest()


def test_it_is_a_kind_that_can_be_trained() -> None:
    assert "stylometry" in KINDS
    assert kind("stylometry").options is NamedOptions
    assert kind("stylometry").n_steps(NamedOptions()) == 1
