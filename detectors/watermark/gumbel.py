"""Gumbel (EXP): the context seeds a uniform number r per token; argmax r^(1/p) is generated.

Aaronson 2022; Kuditipudi et al. 2024 name it exponential minimum sampling; Fernandez et al., Three
Bricks to Consolidate Watermarks (2023) have the exact test: -log(1 - r) of a token that does not
depend on r is a standard exponential variable, so their sum over distinct pairs of context and
token is a Gamma variable. r has 24 bits, which makes the p value too large by less than 1e-7 of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from detectors.protocol import DetectorSpec
from detectors.watermark.detector import MIN_TOKENS, Tokenize, Watermark
from detectors.watermark.drawn import drawn_trials
from detectors.watermark.mersenne import UInt32, uniforms
from detectors.watermark.seeding import seeding as named_seeding
from detectors.watermark.tails import log_gamma_tail
from detectors.watermark.trials import Float64, Int64, Trials


class Gumbel(Watermark):
    """Exponential scores under one key. Parameters are the generator's; its draws are the CPU's.

    seeding: "markllm-exp" (MarkLLM's EXP) or "three-bricks-hash"; others work too.
    """

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="gumbel",
        version="1",
        unit="-log10 p",
        min_tokens=MIN_TOKENS,
        cost_seconds=3e-3,
        reference="https://arxiv.org/abs/2308.00113",
    )

    def __init__(
        self,
        tokenize: Tokenize,
        *,
        vocab_size: int,
        seeding: str = "markllm-exp",
        key: int = 15_485_863,
        context_width: int | None = None,
    ) -> None:
        super().__init__(tokenize)
        self._vocab_size = vocab_size
        self._seeding = named_seeding(
            seeding, key=key, context_width=context_width, vocab_size=vocab_size
        )

    def trials(self, ids: Sequence[Int64]) -> list[Trials]:
        """-log(1 - r) of each distinct pair of context and token."""
        return drawn_trials(ids, self._seeding, vocab_size=self._vocab_size, draw=_draw)

    def log_tail(self, totals: Float64, counts: Float64) -> Float64:
        """Gamma."""
        tail: Float64 = log_gamma_tail(totals, counts)
        return tail


def _draw(seeds: UInt32, tokens: Int64) -> Float64:
    drawn: Float64 = -np.log1p(-uniforms(seeds, tokens))
    return drawn
