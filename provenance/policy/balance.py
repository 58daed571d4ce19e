"""Which documents of one stratum make up its share, and how often: exact to half a document.

10^9 documents of one stratum need about 60 GB here (ids, tokens, keys, order); 10^6 need 60 MB.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from provenance.policy.sampling import Words, ascending, sampling_keys

Tokens = npt.NDArray[np.int64]
Epochs = npt.NDArray[np.int32]


def select(
    ids: Words,
    n_tokens: Tokens,
    weights: npt.NDArray[np.floating[Any]],
    *,
    target_tokens: int,
    max_epochs: int,
    seed: int,
) -> Epochs:
    """How often each document counts, shape [n], 0 to `max_epochs`, in the order of the input.

    Whole passes over the stratum come first; the rest is a prefix of the weighted random order,
    the one whose tokens come closest to the target (the shorter of two that are equally close).
    The kept tokens differ from the target by at most half the document at the prefix's end, and a
    larger target never counts a document less often. Raises ValueError when the target exceeds
    `max_epochs` passes.
    """
    supply_tokens = int(n_tokens.sum())
    if target_tokens > max_epochs * supply_tokens:
        raise ValueError(f"{target_tokens} tokens of {supply_tokens} in {max_epochs} epochs")
    passes, rest = divmod(target_tokens, supply_tokens) if supply_tokens else (0, 0)
    epochs: Epochs = np.full(len(ids), passes, dtype=np.int32)
    if rest:
        order = ascending(sampling_keys(ids, weights, seed=seed), ids)
        epochs[order[: nearest_prefix(n_tokens[order], rest)]] += 1
    return epochs


def nearest_prefix(n_tokens: Tokens, target_tokens: int) -> int:
    """The length of the prefix whose sum is closest to `target_tokens`, at most the whole sum.

    n_tokens            5   3   4
    sums          0     5   8   12
    target  2 -> 0      (5 is 3 away, 0 is 2 away)
    target  4 -> 1
    target 10 -> 2      (8 and 12 are equally close: the shorter)
    """
    sums = np.cumsum(n_tokens, dtype=np.int64)
    at = int(np.searchsorted(sums, target_tokens, side="left"))
    below = int(sums[at - 1]) if at else 0
    return at + (int(sums[at]) - target_tokens < target_tokens - below)
