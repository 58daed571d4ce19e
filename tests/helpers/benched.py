"""Labelled texts that say their own score ("0.25 of words words"), and detectors that read it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from detectors.protocol import DetectorSpec, Score

WORDS = " ".join(["words"] * 60)


def row(score: float | str, label: str, **said: Any) -> dict[str, Any]:
    """A labelled text of 61 words whose first says its score; `n` makes equal scores differ."""
    n = said.pop("n", 0)
    return {"text": f"{score} {'of' * n}{WORDS}", "label": label, "language": "en", **said}


def rows(n_human: int, n_ai: int, *, seed: int = 0, **said: Any) -> list[dict[str, Any]]:
    """Human scores around 0, AI scores around 2."""
    rng = np.random.default_rng(seed)
    human = [row(f"{value:.6f}", "human", **said) for value in rng.normal(0, 1, n_human)]
    return human + [row(f"{value:.6f}", "ai", **said) for value in rng.normal(2, 1, n_ai)]


def write(path: Path, given: Sequence[Mapping[str, Any]]) -> Path:
    """The rows as JSON Lines, ids 0, 1, ... where they have none."""
    lines = [json.dumps({"id": str(k)} | dict(one)) for k, one in enumerate(given)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def said(texts: Sequence[str]) -> list[float | None]:
    """The score that each text says; None where it says "none"."""
    words = [text.split(" ", 1)[0] for text in texts]
    return [None if word == "none" else float(word) for word in words]


def noisy(texts: Sequence[str]) -> list[float | None]:
    """`said`, off by up to one either way, by a hash of the text."""
    noise = [
        int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) / 2**31 - 1 for text in texts
    ]
    return [None if v is None else v + more for v, more in zip(said(texts), noise, strict=True)]


def raises_on_boom(texts: Sequence[str]) -> list[float | None]:
    """As `said`, but no text may say "boom"."""
    if any(text.startswith("boom") for text in texts):
        raise RuntimeError("no such luck")
    return said(texts)


class Said:
    """`said` as a detector that tells how often it was asked."""

    spec = DetectorSpec("said", "1", "score", 0, 0.0, "the text itself")

    def __init__(self) -> None:
        self.n_texts = 0

    def score(self, texts: Sequence[str]) -> list[Score]:
        self.n_texts += len(texts)
        return [
            Score(value, len(text.split()), "says_none" if value is None else None)
            for value, text in zip(said(texts), texts, strict=True)
        ]
