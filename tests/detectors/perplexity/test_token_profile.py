"""The token-profile detector with its shipped weights."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_models

from detectors.classifier.named import NamedModel
from detectors.perplexity.profile import NAMES, token_profile
from detectors.perplexity.token_profile import WEIGHTS, TokenProfile

TEXT = (
    "We got in around nine and the place was heaving. No table, so we stood by the bar for ages, "
    "me with my bag on my feet because I don't trust anyone. Anyway the pie was good!"
)


def test_the_score_is_the_logit_of_the_profile() -> None:
    scorer = tiny_models.language_model()
    model = NamedModel.load(WEIGHTS, names=NAMES)

    score = TokenProfile(scorer).score([TEXT])[0]

    profile = token_profile(scorer.statistics([TEXT])[0])
    assert score.value == pytest.approx(float(model.logits(profile[np.newaxis])[0]), abs=1e-4)


def test_likelier_text_scores_higher() -> None:
    """The weights hang together: of two texts alike but for their likelihood, the likelier."""
    model = NamedModel.load(WEIGHTS, names=NAMES)
    human = dict(zip(NAMES, model.mean.tolist(), strict=True))
    machine = human | {
        name: human[name] + sign * float(model.scale[NAMES.index(name)])
        for name, sign in (("ll", 1), ("log_rank", -1), ("entropy", -1), ("rank_to_10", 1))
    }

    low, high = model.logits(np.array([list(human.values()), list(machine.values())]))

    assert high > low


def test_its_fingerprint_names_the_scorer_and_its_own_weights() -> None:
    scorer = tiny_models.language_model()
    own = NamedModel.load(WEIGHTS, names=NAMES)

    fingerprint = TokenProfile(scorer).fingerprint

    assert fingerprint.detector == "token_profile"
    assert fingerprint.weights == f"{scorer.digest} {own.digest()}"
