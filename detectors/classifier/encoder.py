"""The encoder: a small transformer over words and their affixes, with shipped weights.

Slower than the linear model and better: it reads words in their order. `weights/encoder.md` says
what it was trained on and where it fails.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Final

import numpy as np
import torch
from numpy.typing import NDArray

from detectors import normalize
from detectors.calibration import Fingerprint
from detectors.classifier.ends import windows_of
from detectors.classifier.matrices import Table
from detectors.classifier.network import Network
from detectors.classifier.spelling import read_form
from detectors.kernels.words import N_AFFIXES, Reader
from detectors.protocol import DEGENERATE, TOO_SHORT, DetectorSpec, Score
from detectors.threads import one_thread

WEIGHTS: Final = Path(__file__).with_name("weights") / "encoder.npz"
_BODY: Final = "network."  # before the names of the network's arrays in the file


@dataclass(frozen=True, slots=True)
class EncoderModel:
    """Weights of the encoder, as they are stored.

    vocabulary: hashes of words, uint64 [n], ascending. words: n + 1 rows, the first for unknown
    words. affixes: 2 * N_AFFIXES rows. body: the network's arrays by name, float16. heads, reach:
    of its attention.
    """

    vocabulary: NDArray[np.uint64]
    words: Table
    affixes: Table
    body: Mapping[str, NDArray[np.float16]]
    heads: int
    reach: int

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Every array of the file by name."""
        return {
            "vocabulary": self.vocabulary,
            "words": self.words.rows,
            "word_scales": self.words.scales,
            "affixes": self.affixes.rows,
            "affix_scales": self.affixes.scales,
            "heads": np.array(self.heads),
            "reach": np.array(self.reach),
            **{_BODY + name: values for name, values in self.body.items()},
        }

    def save(self, file: BinaryIO) -> None:
        """Write a compressed .npz."""
        np.savez_compressed(file, allow_pickle=False, **self.arrays())

    def digest(self) -> str:
        """SHA-256 of the weights as stored, hex."""
        total = hashlib.sha256()
        for name, values in sorted(self.arrays().items()):
            total.update(name.encode() + np.ascontiguousarray(values).tobytes())
        return total.hexdigest()

    @classmethod
    def load(cls, file: BinaryIO | Path) -> EncoderModel:
        """The model of an .npz. Raises ValueError if it was made for other tables."""
        with np.load(file, allow_pickle=False) as stored:
            model = cls(
                vocabulary=stored["vocabulary"],
                words=Table(stored["words"], stored["word_scales"]),
                affixes=Table(stored["affixes"], stored["affix_scales"]),
                body={n.removeprefix(_BODY): stored[n] for n in stored.files if _BODY in n},
                heads=int(stored["heads"]),
                reach=int(stored["reach"]),
            )
        if len(model.words.rows) != len(model.vocabulary) + 1:
            raise ValueError(
                f"{len(model.words.rows)} word rows for {len(model.vocabulary)} words; one more "
                "row than words is right"
            )
        if len(model.affixes.rows) != 2 * N_AFFIXES:
            raise ValueError(
                f"weights are for {len(model.affixes.rows)} affixes, this version has "
                f"{2 * N_AFFIXES}"
            )
        return model

    def network(self) -> Network:
        """The network with these weights in float32, in eval mode."""
        layers = 1 + max(int(name.split(".")[1]) for name in self.body if name.startswith("blocks"))
        width = self.words.rows.shape[1]
        made = Network(width, layers=layers, heads=self.heads, reach=self.reach)
        state = {
            name: torch.from_numpy(values.astype(np.float32)) for name, values in self.body.items()
        }
        made.load_state_dict(state)
        return made.eval()


class EncoderDetector:
    """Logit of machine authorship by the encoder. Trained and calibrated for English only.

    Every text runs alone, so that neighbours change nothing. Holds scratch memory: one thread at a
    time. `fingerprint` is what its calibration must be for.
    """

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="encoder",
        version="2",
        unit="logit",
        min_tokens=50,
        cost_seconds=7e-3,
        reference="detectors/classifier/weights/encoder.md",
    )

    def __init__(self, model: EncoderModel | None = None) -> None:
        self._model = model if model is not None else EncoderModel.load(WEIGHTS)
        self._network = self._model.network()
        self._reader = Reader(self._model.vocabulary)
        self.fingerprint = Fingerprint(
            detector=self.spec.name,
            version=self.spec.version,
            normalizer=normalize.VERSION,
            dtype="float32",
            weights=self._model.digest(),
        )

    def score(self, texts: Sequence[str]) -> list[Score]:
        """One score per text, in order."""
        with one_thread():
            return [self._score(read_form(text)) for text in texts]

    def _score(self, form: bytes) -> Score:
        rows, n_words = self._reader.rows(form)
        if n_words < self.spec.min_tokens:
            return Score(None, n_words, TOO_SHORT if n_words else DEGENERATE)
        return Score(self._logit(windows_of(rows)), n_words)

    @torch.inference_mode()
    def _logit(self, rows: NDArray[np.int32]) -> float:
        words = self._model.words.values(rows[..., 0])
        affixes = self._model.affixes.values(rows[..., 1:]).sum(axis=-2)
        return float(self._network(torch.from_numpy(words + affixes)).mean())
