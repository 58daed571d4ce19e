"""Augmentation draws windows and makes errors, by seed."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from detectors.classifier.augment import augmented, random_window, window_of, with_typos

TEXT = " ".join(f"word{i}" for i in range(2000))


def test_a_window_is_a_run_of_the_text() -> None:
    window = window_of(TEXT, 100, rng=random.Random(3))

    assert len(window.split()) == 100
    assert window in TEXT


def test_a_short_text_is_its_own_window() -> None:
    assert window_of("a b\nc", 10, rng=random.Random(0)) == "a b c"


def test_random_windows_have_60_to_500_words() -> None:
    rng = random.Random(0)
    lengths = [len(random_window(TEXT, rng=rng).split()) for _ in range(500)]

    assert min(lengths) >= 60
    assert max(lengths) <= 500
    assert len(set(lengths)) > 200


@given(st.text(max_size=300), st.integers())
def test_typing_errors_keep_the_number_of_words(text: str, seed: int) -> None:
    assert len(with_typos(text, rng=random.Random(seed)).split(" ")) == len(text.split(" "))


def test_typing_errors_are_few() -> None:
    changed = with_typos(TEXT, rng=random.Random(0))

    n_changed = sum(a != b for a, b in zip(TEXT.split(), changed.split(), strict=True))
    assert 20 < n_changed < 120


def test_the_same_seed_augments_alike() -> None:
    assert augmented(TEXT, rng=random.Random(5)) == augmented(TEXT, rng=random.Random(5))
