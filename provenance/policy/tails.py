"""Weights that lean towards rare human documents.

Training on samples loses the tails of a distribution first (Shumailov et al. 2024,
doi:10.1038/s41586-024-07566-y). A rare document that is drawn more readily, and counts for more,
works against that. What "rare" means is given per document; this module turns it into a weight.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def tail_weights(
    rarity: npt.NDArray[np.floating[Any]], *, protect: float, max_weight: float
) -> npt.NDArray[np.float32]:
    """The sampling weight of each human document, shape [n], in [1, max_weight].

    rarity: any scale, higher = rarer; NaN = unknown, which weighs 1. Only its order matters.
    With q the share of the known documents at least as rare as this one, itself not counted,

        weight = 1 + (max_weight - 1) * max(0, 1 - q / protect)

    so the rarest weighs `max_weight`, and the weight falls evenly to 1 where the rarest `protect`
    ends. Equally rare documents weigh the same, and when all are equally rare none stands out.
    """
    lift = (max_weight - 1.0) * np.maximum(0.0, 1.0 - _share_as_rare(rarity) / protect)
    return (1.0 + lift).astype(np.float32)


def in_tail(rarity: npt.NDArray[np.floating[Any]], *, protect: float) -> npt.NDArray[np.bool_]:
    """Which documents, shape [n], are among the rarest `protect` of those whose rarity is known."""
    return _share_as_rare(rarity) < protect


def _share_as_rare(rarity: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
    """q of `tail_weights`, shape [n]; infinite where the rarity is unknown."""
    shares = np.full(len(rarity), np.inf)
    known = ~np.isnan(rarity)
    values = rarity[known].astype(np.float64)
    _, same, counts = np.unique(values, return_inverse=True, return_counts=True)
    less_rare = np.cumsum(counts) - counts
    shares[known] = (len(values) - less_rare[same] - 1) / max(len(values), 1)
    return shares
