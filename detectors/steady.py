"""Language models that score a text the same, bit for bit, whatever it is scored beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from detectors.calibration import Fingerprint
from detectors.language_model import LanguageModel, ModelPair
from detectors.perplexity.presets import PRESETS
from detectors.protocol import DetectorSpec, PairStatistics, TokenStatistics
from detectors.reading import Reading
from detectors.threads import one_thread

_ALONE: Final = 1  # tokens of a batch: none has room for a second window


class SteadyModel:
    """A `LanguageModel`, or a `ModelPair`, that runs every window alone, in one thread.

    Neighbours in a batch and the number of threads change the last digits of a sum; a run over
    many texts must give the same bytes for any batch size and number of workers.
    """

    def __init__(self, scoring: LanguageModel, *, sampling: LanguageModel | None = None) -> None:
        """scoring: one whose `reading` has batch_tokens=1. sampling: the other model of a pair.

        Raises LanguageModelError where two models are no pair.
        """
        if scoring.reading.batch_tokens != _ALONE:
            raise ValueError("neighbours would change its scores: batch_tokens must be 1")
        self._scoring, self._sampling = scoring, sampling
        self._scorer: Any = scoring
        if sampling is not None:
            self._scorer = ModelPair(sampling=sampling, scoring=scoring)

    @classmethod
    def load(cls, source: str, *, sampling: str | None = None, device: str = "cpu") -> SteadyModel:
        """The model of a preset, a folder, a GGUF file or a hub id; with `sampling`, a pair.

        Raises LanguageModelError.
        """
        scoring = _alone(source, device)
        return cls(scoring, sampling=_alone(sampling, device) if sampling else None)

    @property
    def facts(self) -> dict[str, Any]:
        """What its scores depend on, as JSON values; sampling: null unless it is a pair."""
        width, overlap, bos = self._scoring.windowing
        return {
            **_weights(self._scoring),
            "device": self._scoring.device.type,
            "sampling": _weights(self._sampling) if self._sampling else None,
            "width": width,
            "overlap": overlap,
            "bos": list(bos),
        }

    def fingerprint(self, spec: DetectorSpec) -> Fingerprint:
        """What the scores of detector `spec` depend on."""
        made: Fingerprint = self._scorer.fingerprint(spec)
        return made

    def statistics(
        self, texts: Sequence[str]
    ) -> Sequence[TokenStatistics] | Sequence[PairStatistics]:
        """Statistics of every token that can be predicted, text by text."""
        with one_thread():
            made: Sequence[Any] = self._scorer.statistics(texts)
        return made


def _alone(source: str, device: str) -> LanguageModel:
    known = PRESETS.get(source)
    reading = Reading(width=known.max_tokens) if known else Reading()
    reading = replace(reading, batch_tokens=_ALONE)
    return LanguageModel.load(source, device=device, reading=reading)


def _weights(model: LanguageModel) -> dict[str, Any]:
    return {"digest": model.digest, "dtype": model.dtype}
