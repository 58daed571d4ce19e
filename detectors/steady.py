"""A language model that scores a text the same, bit for bit, whatever it is scored beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch

from detectors.calibration import Fingerprint
from detectors.language_model import LanguageModel, Reading
from detectors.perplexity.presets import PRESETS
from detectors.protocol import DetectorSpec, TokenStatistics


class SteadyModel:
    """A `LanguageModel` that runs every window alone, in one thread.

    Neighbours in a batch and the number of threads change the last digits of a sum; a run over
    many texts must give the same bytes for any batch size and number of workers.
    """

    def __init__(self, model: LanguageModel) -> None:
        """model: one whose `reading` has batch_tokens=1."""
        if model.reading.batch_tokens != 1:
            raise ValueError("neighbours would change its scores: batch_tokens must be 1")
        self._model = model

    @classmethod
    def load(cls, source: str) -> SteadyModel:
        """The model of a preset, a folder, a GGUF file or a hub id. Raises LanguageModelError."""
        known = PRESETS.get(source)
        reading = Reading(width=known.max_tokens) if known else Reading()
        return cls(LanguageModel.load(source, reading=replace(reading, batch_tokens=1)))

    @property
    def facts(self) -> dict[str, Any]:
        """What its scores depend on, as JSON values."""
        width, overlap, bos = self._model.windowing
        return {
            "digest": self._model.digest,
            "dtype": self._model.dtype,
            "width": width,
            "overlap": overlap,
            "bos": list(bos),
        }

    def fingerprint(self, spec: DetectorSpec) -> Fingerprint:
        """What the scores of detector `spec` depend on."""
        return self._model.fingerprint(spec)

    def statistics(self, texts: Sequence[str]) -> list[TokenStatistics]:
        """Statistics of every token that can be predicted, text by text."""
        with _one_thread():
            return self._model.statistics(texts)


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
