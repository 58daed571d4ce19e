"""The linear detector: a logistic model over hashed n-grams and named features of style.

Fast enough to score a crawl (about 100 microseconds a page), weak enough to need calibration:
`weights/linear.md` says what it was trained on and where it fails.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from detectors import normalize
from detectors.calibration import Fingerprint
from detectors.kernels.documents import (
    LIMIT_BYTES,
    Features,
    Model,
    Scores,
    features,
    new_scratch,
    score_documents,
)
from detectors.kernels.ngrams import N_BUCKETS
from detectors.kernels.style import N_FEATURES
from detectors.protocol import DEGENERATE, TOO_SHORT, DetectorSpec, Score
from detectors.stylometry.features import NAMES

WEIGHTS: Final = Path(__file__).with_name("weights") / "linear.npz"
_LIMIT_CHARACTERS: Final = 2 * LIMIT_BYTES  # read before normalising: bounds its time


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Weights of the model; n-gram weights are rounded to float16, as they are stored.

    buckets: float32 [N_BUCKETS]. style, style_mean, style_scale: float64 [N_FEATURES], in the order
    of `stylometry.features.NAMES`. bias: logit.
    """

    buckets: NDArray[np.float32]
    style: NDArray[np.float64]
    style_mean: NDArray[np.float64]
    style_scale: NDArray[np.float64]
    bias: float

    def save(self, file: BinaryIO) -> None:
        """Write an .npz with the n-gram weights as float16."""
        np.savez_compressed(
            file,
            buckets=self.buckets.astype(np.float16),
            style=self.style,
            style_mean=self.style_mean,
            style_scale=self.style_scale,
            bias=np.float64(self.bias),
            names=np.array(NAMES),
        )

    def digest(self) -> str:
        """SHA-256 of the weights as stored, hex."""
        total = hashlib.sha256(self.buckets.astype(np.float16).tobytes())
        for values in (self.style, self.style_mean, self.style_scale, np.float64(self.bias)):
            total.update(np.asarray(values, np.float64).tobytes())
        return total.hexdigest()

    @classmethod
    def load(cls, file: BinaryIO | Path) -> LinearModel:
        """The model of an .npz. Raises ValueError if it was made for other features."""
        with np.load(file, allow_pickle=False) as stored:
            model = cls(
                buckets=stored["buckets"].astype(np.float32),
                style=stored["style"],
                style_mean=stored["style_mean"],
                style_scale=stored["style_scale"],
                bias=float(stored["bias"]),
            )
            names = tuple(stored["names"].tolist())
        if names != NAMES or model.buckets.shape != (N_BUCKETS,):
            raise ValueError(
                f"weights are for {len(names)} features and {len(model.buckets)} buckets, "
                f"this version has {N_FEATURES} and {N_BUCKETS}, or other names"
            )
        return model


def scored_bytes(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Scored forms end to end as uint8, and their bounds, int64 [n + 1]. Long texts are cut."""
    forms = [scored_form_bytes(text) for text in texts]
    bounds = np.zeros(len(forms) + 1, np.int64)
    np.cumsum([len(form) for form in forms], out=bounds[1:])
    return np.frombuffer(b"".join(forms), np.uint8), bounds


def scored_form_bytes(text: str) -> bytes:
    """The scored form of a text in UTF-8; at most LIMIT_BYTES, whole characters."""
    return cut(normalize.scored_form(text[:_LIMIT_CHARACTERS]).encode("utf-8", "replace"))


def cut(form: bytes) -> bytes:
    """At most LIMIT_BYTES of a form in UTF-8, whole characters."""
    if len(form) <= LIMIT_BYTES:
        return form
    return form[:LIMIT_BYTES].decode("utf-8", "ignore").encode()


def text_features(texts: Sequence[str]) -> Features:
    """What the model sees of each text; for training."""
    data, bounds = scored_bytes(texts)
    return features(data, bounds, new_scratch())


class LinearDetector:
    """Logit of machine authorship by a linear model. Any language in; calibrated for English only.

    Holds scratch memory: one thread at a time. `fingerprint` is what its calibration must be for.
    """

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="linear",
        version="1",
        unit="logit",
        min_tokens=50,
        cost_seconds=1.5e-4,
        reference="detectors/classifier/weights/linear.md",
    )

    def __init__(self, model: LinearModel | None = None) -> None:
        loaded = model if model is not None else LinearModel.load(WEIGHTS)
        self._model = Model(
            loaded.buckets, loaded.style, loaded.style_mean, loaded.style_scale, loaded.bias
        )
        self._scratch = new_scratch()
        self.fingerprint = Fingerprint(
            detector=self.spec.name,
            version=self.spec.version,
            normalizer=normalize.VERSION,
            dtype="float32",
            weights=loaded.digest(),
        )

    def score_many(
        self, texts: Sequence[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.int32], list[str | None]]:
        """Logits (float32 [n], NaN where it abstains), scored words (int32 [n]), and reasons."""
        data, bounds = scored_bytes(texts)
        values, n_tokens = np.empty(len(texts), np.float32), np.empty(len(texts), np.int32)
        score_documents(data, bounds, self._model, self._scratch, Scores(values, n_tokens))
        abstained = n_tokens < self.spec.min_tokens
        values[abstained] = np.nan
        reasons = [
            (TOO_SHORT if n else DEGENERATE) if is_out else None
            for n, is_out in zip(n_tokens.tolist(), abstained.tolist(), strict=True)
        ]
        return values, n_tokens, reasons

    def score(self, texts: Sequence[str]) -> list[Score]:
        """One score per text, in order."""
        values, n_tokens, reasons = self.score_many(texts)
        return [
            Score(value=None if reason else value, n_tokens=n, reason=reason)
            for value, n, reason in zip(values.tolist(), n_tokens.tolist(), reasons, strict=True)
        ]
