"""The scored form holds what is read of a text, whatever it is dressed in."""

from __future__ import annotations

from detectors.normalize import scored_form


def test_formatting_does_not_reach_the_scored_form() -> None:
    fancy = "1. “It’s”—said he…\n- Second\u00a0item\n• Third"

    assert scored_form(fancy) == '"it\'s"-said he.\nsecond item\nthird'


def test_an_invisible_character_in_every_place_changes_no_score_form() -> None:
    text = "It was the best of times"

    assert scored_form("\u200b".join(text)) == scored_form(text)


def test_lookalike_letters_in_words_and_alone_change_no_score_form() -> None:
    text = "I see a copy of the café, By The Way"
    attacked = text.translate(str.maketrans("aceiopyIBTW", "асеіоруІВТW"))

    assert attacked != text
    assert scored_form(f"So {attacked}") == scored_form(f"So {text}")
