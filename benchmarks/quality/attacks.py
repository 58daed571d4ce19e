"""What character-level attacks cost a detector: any registered one that needs no model, or several.

    python benchmarks/quality/attacks.py encoder linear linear+stylometry probe

Machine texts are attacked, human texts are not; the threshold is the one that 5 % of the same data
set's human texts exceed, as published comparisons have it. `lost_points` is the true-positive rate
before less that after, in points. The attacks are those of RAID (Dugan et al. 2024), written anew
and seeded; zero_width and homoglyph change every character that they can, misspelling a fifth of
the words, case a twentieth of the letters, whitespace puts a space, a tab or a line break after
half the words. Several detectors are judged by their joint log-likelihood ratio.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import platform
import random
import subprocess
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from corpora import labelled_sets

from detectors.classifier.augment import window_of, with_typos
from detectors.classifier.examples import Example
from detectors.classifier.probe import form_of
from detectors.lineup import Lineup, group_of, load
from detectors.measures import auroc, oracle_threshold
from detectors.panel import DetectorStep
from detectors.protocol import Detector, Score
from detectors.registry import detector_class

Judge = Callable[[Sequence[str]], np.ndarray]

HERE = Path(__file__).parent
RATE = 0.05
N_WORDS = 200  # of every text, of both classes
N_TEXTS = 200  # of each class and data set
NEVER_TRAINED = {
    "raidar": ("raidar",),
    "detectrl": ("detectrl",),
    "m4_llama2": ("m4_llama2",),
    "alpaca_eval_and_gum": ("modern_alpaca_eval", "modern_human_gum"),
}
COLUMNS = [
    "date", "commit", "machine", "detector", "dataset", "attack", "words", "n_human", "n_ai",
    "auroc", "tpr_at_5", "lost_points",
]  # fmt: skip

_LOOK_ALIKES = {
    "a": "а", "c": "с", "e": "е", "i": "і", "o": "о", "p": "р", "x": "х", "y": "у", "A": "АΑ",
    "B": "ВΒ", "C": "С", "E": "ЕΕ", "H": "НΗ", "I": "ІΙ", "K": "КΚ", "M": "МΜ", "N": "Ν",
    "O": "ОΟ", "P": "РΡ", "T": "ТΤ", "X": "ХΧ", "Z": "Ζ",
}  # fmt: skip


def homoglyph(text: str, rng: random.Random) -> str:
    """Every Latin letter that a Cyrillic or Greek one looks like becomes that."""
    return "".join(rng.choice(_LOOK_ALIKES.get(letter, letter)) for letter in text)


def zero_width(text: str, _: random.Random) -> str:
    """A zero-width space between all characters."""
    return "\u200b".join(text)


def whitespace(text: str, rng: random.Random) -> str:
    """White space after half the words."""
    words = text.split(" ")
    return " ".join(word + (rng.choice(" \t\n") if rng.random() < 0.5 else "") for word in words)


def case(text: str, rng: random.Random) -> str:
    """A twentieth of the letters in the other case."""
    return "".join(letter.swapcase() if rng.random() < 0.05 else letter for letter in text)


def misspelling(text: str, rng: random.Random) -> str:
    """A fifth of the words of more than three letters with letters swapped, doubled or lost."""
    return with_typos(text, rng=rng, share=0.2)


ATTACKS: dict[str, Callable[[str, random.Random], str]] = {
    "none": lambda text, _: text,
    "homoglyph": homoglyph,
    "zero_width": zero_width,
    "whitespace": whitespace,
    "case": case,
    "misspelling": misspelling,
}


def texts_of(examples: Sequence[Example], *, is_ai: bool) -> list[str]:
    """At most N_TEXTS windows of N_WORDS words, always the same."""
    rng = random.Random(0)
    fitting = [
        one
        for one in examples
        if one.is_ai == is_ai and one.language == "en" and len(one.text.split()) >= N_WORDS
    ]
    chosen = rng.sample(fitting, min(len(fitting), N_TEXTS))
    return [window_of(one.text, N_WORDS, rng=rng) for one in chosen]


def values(detector: Detector, texts: Sequence[str]) -> np.ndarray:
    """The scores; an abstention flags nothing."""
    return np.array([-np.inf if s.value is None else s.value for s in detector.score(texts)])


class Remembering:
    """The probe, which is slow, asked once about texts that it reads as the same tokens."""

    def __init__(self, probe: Detector) -> None:
        self.spec, self._probe = probe.spec, probe
        self._known: dict[str, Score] = {}

    def score(self, texts: Sequence[str]) -> list[Score]:
        """One score per text, in order."""
        forms = [form_of(text) for text in texts]
        for form, text in zip(forms, texts, strict=True):
            if form not in self._known:
                (self._known[form],) = self._probe.score([text])
        return [self._known[form] for form in forms]


@cache
def detector_named(name: str) -> Detector:
    """A registered detector, loaded once."""
    made: Detector = detector_class(name)()
    return Remembering(made) if name == "probe" else made


def joint(lineup: Lineup, texts: Sequence[str]) -> np.ndarray:
    """The joint ratios; where all abstain, nothing is flagged."""
    names = lineup.panel.names
    raw = [DetectorStep(detector_named(name)).score(texts)[name] for name in names]
    read = [lineup.panel.read(n, of, ["en"] * len(texts)) for n, of in zip(names, raw, strict=True)]
    llrs = lineup.fusion.llr(np.column_stack([one.llr for one in read]).astype(np.float64))[0]
    return np.where(np.isnan(llrs), -np.inf, llrs)


def judge_of(asked: str) -> tuple[str, Judge]:
    """What to call the detectors of NAME or NAME+NAME, and what they say of texts."""
    if "+" in asked:
        lineup = load([group_of(name) for name in asked.split("+")])
        return asked, lambda texts: joint(lineup, texts)
    detector = detector_named(asked)
    return f"{asked} {detector.spec.version}", lambda texts: values(detector, texts)


def rows(judge: Judge, data: Path) -> Iterator[dict[str, object]]:
    """A row for each data set and attack, and the mean over the data sets for each attack."""
    sets = dict(labelled_sets(data))
    lost: dict[str, list[float]] = {name: [] for name in ATTACKS}
    for dataset, files in NEVER_TRAINED.items():
        examples = [one for file in files for one in sets[file]]
        human = judge(texts_of(examples, is_ai=False))
        machine = texts_of(examples, is_ai=True)
        threshold = oracle_threshold(human, RATE)
        before = None
        for name, attack in ATTACKS.items():
            ai = judge([attack(text, random.Random(text)) for text in machine])
            rate = float((ai > threshold).mean())
            before = rate if before is None else before
            lost[name].append(100 * (before - rate))
            yield {
                "dataset": dataset, "attack": name, "words": N_WORDS, "n_human": len(human),
                "n_ai": len(ai), "auroc": round(auroc(human, ai), 4), "tpr_at_5": round(rate, 4),
                "lost_points": round(lost[name][-1], 2),
            }  # fmt: skip
    for name, points in lost.items():
        yield {"dataset": "mean", "attack": name, "lost_points": round(float(np.mean(points)), 2)}


def main() -> None:
    """Measure the detectors asked for, and append their rows to attacks.csv."""
    parser = argparse.ArgumentParser(prog="attacks.py")
    parser.add_argument("detectors", nargs="+")
    asked = parser.parse_args()
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False, cwd=HERE).stdout
    common = {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "commit": commit.strip() or "none",
        "machine": f"{platform.machine()} x{os.cpu_count()}",
    }
    path = HERE / "attacks.csv"
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        if is_new:
            writer.writeheader()
        for name in asked.detectors:
            shown, judge = judge_of(name)
            for row in rows(judge, Path(os.environ["PROVENANCE_DATA"])):
                writer.writerow({**common, "detector": shown, **row})


if __name__ == "__main__":
    main()
