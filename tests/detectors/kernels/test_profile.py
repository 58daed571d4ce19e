"""The compiled profile agrees with its plain twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.kernels.profile import profiles
from detectors.normalize import scored_form
from detectors.stylometry.profile import NAMES, measure

WORDS = ("the", "a", "it's", "b", ".", ",", "!", "however", "0", "and")
TEXTS = (
    "it's a dog's life -- don't you think? 3,000 of them said so... \"really\", and 'truly'.",
    "a b, and c. d; e: f (g) h! i? 2024 2025 x86 3d *bold* # head | cell and/or",
    "привет, мир. как дела? это не просто, а очень просто",
    "人工智能。今天天气很好,我们去公园吧。テスト です",
    "'''' ``` '' \" ' x' 'y o'1 o'clock's 's",
    "the cat sat on the mat " * 40,
    "However, we delve into crucial matters. And so on, and so on! This is it. " * 12,
    "aa bb "
    + " ".join(f"w{chr(97 + i % 26)}{'x' * (i // 26)}" for i in range(98))
    + " aa bb aa cc",
    "naïve café — 𠀀𠀁 🙂🙂 ok",
    "",
)


def assert_agrees_with_twin(text: str, language: str = "en") -> None:
    values = profiles([text], language=language).values[0]
    found = dict(zip(NAMES, values.tolist(), strict=True))

    assert found == pytest.approx(measure(scored_form(text), language=language), abs=1e-6)


@pytest.mark.parametrize("text", TEXTS)
def test_it_agrees_with_its_twin_on_real_scripts(text: str) -> None:
    assert_agrees_with_twin(text)


@pytest.mark.parametrize("language", ["de", "ru", "ja"])
def test_it_agrees_with_its_twin_in_other_languages(language: str) -> None:
    assert_agrees_with_twin("Das ist ja der Hund. это не просто 天气很好", language)


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_it_agrees_with_its_twin_on_any_text(text: str) -> None:
    assert_agrees_with_twin(text)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(WORDS), max_size=260))
def test_it_agrees_with_its_twin_on_few_words_said_often(words: list[str]) -> None:
    assert_agrees_with_twin(" ".join(words))


def test_a_text_measures_the_same_among_others() -> None:
    together, n_words = profiles(TEXTS)

    for i, text in enumerate(TEXTS):
        alone, n = profiles([text])
        assert np.array_equal(together[i], alone[0])
        assert n_words[i] == n[0]
