"""Fits the shipped token profile on texts whose token statistics are there, and writes its card.

    python benchmarks/quality/token_profile.py STATISTICS detectors/classifier/weights

STATISTICS: parts written by `scored_texts.py`. Only texts that the configuration of the linear
detector allows to train on are read, base models included. Same parts, same weights.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from held_out import HERE, TOKEN_OPTIONS, Asked, fitting_texts, token_model
from scored_texts import SCORER, Tokenizer, read

from detectors.classifier.examples import Allowed
from detectors.classifier.named import NamedModel
from detectors.classifier.training import digest
from provenance.engines.train import load_config

CARD = """# Model card: token profile

A logistic model over {n_features} named statistics of how a language model finds a text:
likelihood, rank, entropy, curvature, their quantiles, differences of neighbours, windows. The score
is a raw logit; higher is more machine-like. It is an opinion, never a verdict.

- Detector: token_profile version 1. Weights: SHA-256 `{weights}`.
- Scorer: {scorer} (SmolLM2-135M-Instruct, Apache-2.0, HuggingFaceTB), bfloat16 body, float32
  logits, no BOS, first 512 tokens.
- Data: SHA-256 `{digest}`, {n_human} human and {n_ai} machine texts, English.

## How it was trained

The first 80 to 512 tokens of each text, at random; tokens that hold a line break are left out. Each
source of human text and each generator weighs as the square root of its size; in a data set of both
labels, and over all, both labels weigh the same. Ridge penalty {l2}, penalty on the drift of the
mean score between sources {drift}.

## Limits

- Its calibration is for that scorer and English, made of scores by models that were fitted without
  a text's source (`benchmarks/quality/statistics_calibration.py`): 16 to 22 sources of about 60
  texts at a length, which can tell rates of 1 to 1.4 % and more. With another scorer, and over 800
  tokens, it abstains from verdicts until you calibrate it (`provenance calibrate`).
- Likelihood is low in learners' English (Liang et al. 2023), and drifts from register to register.
- Fitted with one scorer; with another, ranks are worse, and scores mean something else.
- The vendors of closed models add their own terms on using outputs; nobody has cleared these.
- `benchmarks/quality/combined.csv` holds results with each data set held out.

## Data, with attribution

| data set | label | texts | licence |
| --- | --- | --- | --- |
"""


def card(texts: Sequence[Asked], model: NamedModel, allowed: Allowed) -> str:
    """The model card in Markdown."""
    examples = [one.example for one in texts]
    n_ai = sum(one.is_ai for one in examples)
    counts = Counter(
        (one.source if one.dataset.startswith("human/") else one.dataset, one.label)
        for one in examples
    )
    corpora = "as in linear.md, by source"
    lines = [
        f"| {name} | {label} | {n} | {allowed.licences.get(name, corpora)} |"
        for (name, label), n in sorted(counts.items())
    ]
    head = CARD.format(
        n_features=len(model.names),
        weights=model.digest(),
        scorer=SCORER,
        digest=digest(examples),
        n_human=len(examples) - n_ai,
        n_ai=n_ai,
        l2=TOKEN_OPTIONS.l2,
        drift=TOKEN_OPTIONS.drift,
    )
    return head + "\n".join(lines) + "\n"


def main() -> None:
    """Fit, and write weights and card."""
    parser = argparse.ArgumentParser(prog="token_profile.py")
    parser.add_argument("statistics", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    config = load_config(HERE / "linear.yaml")
    english = [one for one in read(given.statistics) if one.example.language == "en"]
    texts = fitting_texts(english, config, Tokenizer())
    model = token_model(texts)
    with (given.out / "token_profile.npz").open("wb") as file:
        model.save(file)
    text = card(texts, model, config.allowed)
    (given.out / "token_profile.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
