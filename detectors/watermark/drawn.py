"""Draws of a whole batch at once: every distinct pair of seed and token is drawn once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from detectors.watermark.detector import first_of_each, windows
from detectors.watermark.mersenne import UInt32
from detectors.watermark.seeding import Seeding
from detectors.watermark.trials import Float64, Int64, Trials

#: Seeds and tokens, sorted by both, to what the generator drew for them: float64 [n].
Draw = Callable[[UInt32, Int64], Float64]


def drawn_trials(
    ids: Sequence[Int64], seeding: Seeding, *, vocab_size: int, draw: Draw
) -> list[Trials]:
    """The trials of each text under `seeding`; a pair that a text repeats counts once in it.

    Equal seeds from different contexts (some seedings have few) are one draw too.
    """
    per_text = [_pairs(one, seeding, vocab_size) for one in ids]
    keys = [keys for keys, _ in per_text]
    distinct, places = np.unique(np.concatenate([_NONE, *keys]), return_inverse=True)
    seeds = (distinct >> np.uint64(32)).astype(np.uint32)
    values = draw(seeds, (distinct & np.uint64(0xFFFFFFFF)).astype(np.int64))[places]
    ends = np.cumsum([len(one) for one in keys], dtype=np.int64)
    return [
        Trials(values[end - len(tokens) : end], tokens)
        for end, (_, tokens) in zip(ends, per_text, strict=True)
    ]


_NONE = np.zeros(0, np.uint64)


def _pairs(ids: Int64, seeding: Seeding, vocab_size: int) -> tuple[NDArray[np.uint64], Int64]:
    """Distinct pairs of a text, seed in the high and token in the low 32 bits; where they stand."""
    width = seeding.width if seeding.self_salt else seeding.width + 1
    runs, last = windows(ids, width, vocab_size)
    if not len(runs):
        return _NONE, last
    seeds = seeding.seeds(runs if seeding.self_salt else runs[:, :-1])
    keys = seeds.astype(np.uint64) << np.uint64(32) | runs[:, -1].astype(np.uint64)
    first = first_of_each(keys)
    return keys[first], last[first]
