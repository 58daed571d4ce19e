"""The token-profile detector: a logistic model over the named statistics of `profile`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

import numpy as np

from detectors import classifier
from detectors.calibration import Fingerprint
from detectors.classifier.named import NamedModel
from detectors.perplexity.detector import MIN_TOKENS, StatisticDetector
from detectors.perplexity.profile import NAMES, token_profile
from detectors.protocol import DetectorSpec, Scorer, TokenStatistics

WEIGHTS: Final = Path(classifier.__file__).with_name("weights") / "token_profile.npz"


class TokenProfile(StatisticDetector[TokenStatistics]):
    """Logit of machine authorship from how a language model finds a text, token by token.

    The shipped weights were fitted on statistics of the preset smollm2-135m in bfloat16; with
    another scorer they rank texts worse, and only a calibration made with that scorer says what a
    score means. They were fitted without the tokens that hold line breaks, which tell chat answers
    from pages and not machines from people; such tokens in a text move its score by a tenth of a
    standard deviation.
    """

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="token_profile",
        version="1",
        unit="logit",
        min_tokens=MIN_TOKENS,
        cost_seconds=1.0,
        reference="detectors/classifier/weights/token_profile.md",
        needs="model",
    )

    def __init__(self, scorer: Scorer[TokenStatistics], model: NamedModel | None = None) -> None:
        super().__init__(scorer)
        self._model = NamedModel.load(WEIGHTS, names=NAMES) if model is None else model

    @property
    def fingerprint(self) -> Fingerprint:
        """What its calibration must be for: the scorer's, with the weights of this model beside."""
        scorer = super().fingerprint
        return replace(scorer, weights=f"{scorer.weights} {self._model.digest()}")

    def value(self, statistics: TokenStatistics) -> float:
        """The logit."""
        return float(self._model.logits(token_profile(statistics)[np.newaxis])[0])
