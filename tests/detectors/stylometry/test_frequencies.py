"""Word frequencies are looked up, and the lists they come from are not kept."""

from __future__ import annotations

import pytest
from wordfreq import get_frequency_list, word_frequency

from detectors.stylometry.frequencies import ranks


def test_every_word_has_the_share_that_wordfreq_gives_it() -> None:
    of_word = {word: share for share, words in ranks("nb", "small") for word in words}

    rounded = word_frequency("ikke", "nb", "small")
    assert of_word["ikke"] == pytest.approx(rounded, rel=5e-3)
    assert of_word["ikke"] > 0.01


def test_wordfreqs_list_is_let_go_when_it_is_read() -> None:
    list(ranks("nb", "small"))

    assert get_frequency_list.cache_info().currsize == 0
