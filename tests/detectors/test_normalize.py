"""The scored form holds what is read of a text, whatever it is dressed in."""

from __future__ import annotations

import time

from detectors.normalize import scored_form


def test_formatting_does_not_reach_the_scored_form() -> None:
    fancy = "1. “It’s”—said he…\n- Second\u00a0item\n• Third"

    assert scored_form(fancy) == '"it\'s"-said he.\nsecond item\nthird'


def test_an_invisible_character_in_every_place_changes_no_score_form() -> None:
    text = "It was the best of times"

    assert scored_form("\u200b".join(text)) == scored_form(text)


def test_clean_ascii_costs_less_than_twenty_microseconds() -> None:
    text = "The quick brown fox, isn't it? " * 65
    times = []
    for _ in range(200):
        start = time.perf_counter()
        scored_form(text)
        times.append(time.perf_counter() - start)

    assert min(times) < 20e-6
