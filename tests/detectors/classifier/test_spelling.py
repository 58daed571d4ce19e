"""Typing errors are undone, and nothing else changes."""

from __future__ import annotations

import pytest

from detectors.classifier.spelling import LEAST_SHARE, _one_edit_away, corrected, read_form
from detectors.kernels.documents import LIMIT_BYTES
from detectors.stylometry.frequencies import frequencies


@pytest.mark.parametrize(
    "word", ["comprehnsive", "comprehenssive", "comprehensove", "comprehenisve", "comprehensiv"]
)
def test_a_letter_lost_added_changed_or_swapped_is_put_right(word: str) -> None:
    assert corrected(word) == "comprehensive"


@pytest.mark.parametrize(
    "word",
    [
        "thee",  # listed
        "trhee4",  # no word of letters
        "o'connner",
        "well-knwon",
        "teh",  # too short to know
        "zzyzzqx",  # near nothing
        "quintessentiallyabsrd",  # longer than what is looked at
        "наисать",
    ],
)
def test_other_words_stay(word: str) -> None:
    assert corrected(word) == word


def test_the_most_frequent_word_is_meant() -> None:
    near = {one for one in _one_edit_away("whihc") if one in frequencies("en")}
    assert len(near) > 1
    assert corrected("whihc") == "which" == max(near, key=frequencies("en").__getitem__)


def test_a_rare_word_is_no_correction() -> None:
    assert 0 < frequencies("en")["quinquennial"] < LEAST_SHARE
    assert corrected("quinquennal") == "quinquennal"


def test_all_between_the_words_stays() -> None:
    assert corrected('the  "comprehnsive"\n\nview, (whihc)...') == (
        'the  "comprehensive"\n\nview, (which)...'
    )


def test_no_more_is_read_of_a_text_that_grows_when_it_is_corrected() -> None:
    form = read_form("comprehnsive " * 2000)

    assert form.startswith(b"comprehensive comprehensive ")
    assert len(form) <= LIMIT_BYTES
