"""A logistic model over named features: small, readable, and the same for every set of features."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

LIMIT: Final = 3.0  # deviations from the mean that a feature counts for at most


@dataclass(frozen=True, slots=True)
class NamedModel:
    """logit = bias + sum of weight * (feature - mean) / scale, each ratio kept within LIMIT.

    mean, scale, weights: float64 [F], in the order of `names`.
    """

    names: tuple[str, ...]
    mean: Vector
    scale: Vector
    weights: Vector
    bias: float

    def logits(self, values: Vector) -> Vector:
        """Logits of machine authorship, float64 [n]. values: features, float64 [n, F]."""
        # Summed row by row: a matrix product rounds by the number of its rows.
        made: Vector = (self.standardised(values) * self.weights).sum(axis=1) + self.bias
        return made

    def standardised(self, values: Vector) -> Vector:
        """Features in deviations from their mean, within LIMIT; [n, F]."""
        return np.clip((values - self.mean) / self.scale, -LIMIT, LIMIT)

    def parts(self, values: Vector) -> list[Mapping[str, float]]:
        """What each feature adds to each text's logit."""
        parts = self.standardised(values) * self.weights
        return [dict(zip(self.names, row.tolist(), strict=True)) for row in parts]

    def digest(self) -> str:
        """SHA-256 of names and weights, hex."""
        total = hashlib.sha256("\n".join(self.names).encode())
        for values in (self.mean, self.scale, self.weights, np.float64(self.bias)):
            total.update(np.asarray(values, np.float64).tobytes())
        return total.hexdigest()

    def save(self, file: BinaryIO) -> None:
        """Write an .npz."""
        np.savez_compressed(
            file,
            names=np.array(self.names),
            mean=self.mean,
            scale=self.scale,
            weights=self.weights,
            bias=np.float64(self.bias),
        )

    @classmethod
    def load(cls, file: BinaryIO | Path, *, names: Sequence[str]) -> NamedModel:
        """The model of an .npz. Raises ValueError if it was made for other features."""
        with np.load(file, allow_pickle=False) as stored:
            model = cls(
                names=tuple(stored["names"].tolist()),
                mean=stored["mean"].astype(np.float64),
                scale=stored["scale"].astype(np.float64),
                weights=stored["weights"].astype(np.float64),
                bias=float(stored["bias"]),
            )
        if model.names != tuple(names):
            strange = sorted(set(model.names) ^ set(names)) or ["their order"]
            raise ValueError(
                f"weights are for {len(model.names)} features, this version has {len(names)}; "
                f"they differ in {', '.join(strange[:5])}"
            )
        return model
