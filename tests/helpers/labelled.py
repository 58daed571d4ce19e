"""Labelled texts that are easy to tell apart: plain words are human, formal ones a machine's."""

from __future__ import annotations

import random

from detectors.classifier.examples import Example

PLAIN = ["the", "old", "dog", "sat", "by", "a", "gate", "and", "I", "saw", "him", "then", "ran"]
FORMAL = ["furthermore", "crucial", "landscape", "comprehensive", "robust", "ensuring", "vital"]


def example(i: int, *, is_ai: bool) -> Example:
    """The i-th text of a label, 130 words, of one of four sites or six generators in two sets."""
    rng = random.Random(f"{i}{is_ai}")
    text = " ".join(rng.choices(FORMAL if is_ai else PLAIN, k=130)) + "."
    if is_ai:
        bots = f"bots{i % 2}"
        return Example(text, "ai", "en", bots, bots, generator=f"{'xyz'[i % 3]}bot-{i % 6}")
    return Example(text, "human", "en", "human/web", f"site{i % 4}")


def examples(n: int) -> list[Example]:
    """`n` texts of each label."""
    return [example(i, is_ai=is_ai) for i in range(n) for is_ai in (False, True)]
