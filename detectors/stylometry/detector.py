"""The stylometry detector: a logistic model over the 247 named features of `profile`.

No word that carries a topic enters, so it says less than n-grams on texts like those it was trained
on, and holds up better on others; `parts` says what each feature adds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from detectors import classifier, normalize
from detectors.calibration import Fingerprint
from detectors.classifier.named import NamedModel
from detectors.kernels.profile import profiles
from detectors.protocol import DEGENERATE, TOO_SHORT, DetectorSpec, Score
from detectors.stylometry.profile import NAMES

WEIGHTS: Final = Path(classifier.__file__).with_name("weights") / "stylometry.npz"


class Stylometry:
    """Logit of machine authorship from features of style. Any text in; calibrated for English.

    `fingerprint` is what its calibration must be for.
    """

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="stylometry",
        version="1",
        unit="logit",
        min_tokens=50,
        cost_seconds=2.1e-4,
        reference="detectors/classifier/weights/stylometry.md",
    )

    def __init__(self, model: NamedModel | None = None) -> None:
        self._model = NamedModel.load(WEIGHTS, names=NAMES) if model is None else model
        self.fingerprint = Fingerprint(
            detector=self.spec.name,
            version=self.spec.version,
            normalizer=normalize.VERSION,
            dtype="float64",
            weights=self._model.digest(),
        )

    def score_many(
        self, texts: Sequence[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.int32], list[str | None]]:
        """Logits (float32 [n], NaN where it abstains), scored words (int32 [n]), and reasons."""
        made = profiles(texts)
        values = self._model.logits(made.values).astype(np.float32)
        abstained = made.n_words < self.spec.min_tokens
        values[abstained] = np.nan
        reasons = [
            (TOO_SHORT if n else DEGENERATE) if is_out else None
            for n, is_out in zip(made.n_words.tolist(), abstained.tolist(), strict=True)
        ]
        return values, made.n_words, reasons

    def score(self, texts: Sequence[str]) -> list[Score]:
        """One score per text, in order."""
        values, n_words, reasons = self.score_many(texts)
        return [
            Score(value=None if reason else value, n_tokens=n, reason=reason)
            for value, n, reason in zip(values.tolist(), n_words.tolist(), reasons, strict=True)
        ]

    def parts(self, text: str) -> Mapping[str, float]:
        """What each feature adds to the text's logit."""
        return self._model.parts(profiles([text]).values)[0]
