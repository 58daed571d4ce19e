"""KGW: the context seeds a green list, and generation favours its tokens.

Kirchenbauer et al., A Watermark for Large Language Models (ICML 2023) and On the Reliability of
Watermarks for Large Language Models (ICLR 2024). The number of green tokens among distinct pairs of
context and token is binomial over keys. Texts of one language share common pairs, so that a corpus
read with one key shares some of the key's luck, which `empirical_null` takes out. Green lists are
those of a generator whose PyTorch ran on the CPU; the lists of a CUDA device are other ones and are
not offered (see `philox`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from detectors.protocol import DetectorSpec
from detectors.watermark.detector import MIN_TOKENS, Tokenize, Watermark, green_share
from detectors.watermark.drawn import drawn_trials
from detectors.watermark.mersenne import UInt32, are_green
from detectors.watermark.seeding import seeding as named_seeding
from detectors.watermark.tails import log_binomial_tail
from detectors.watermark.trials import Float64, Int64, Trials


class KGW(Watermark):
    """Green tokens under one key. Parameters are the generator's.

    vocab_size: of the model's output (transformers, MarkLLM: `config.vocab_size`) or of the
    tokenizer (lm-watermarking); a wrong one finds nothing. gamma: the share of the vocabulary that
    is green. seeding: see `detectors.watermark.seeding`.
    """

    spec: ClassVar[DetectorSpec] = DetectorSpec(
        name="kgw",
        version="1",
        unit="-log10 p",
        min_tokens=MIN_TOKENS,
        cost_seconds=2e-2,
        reference="https://arxiv.org/abs/2301.10226",
    )
    step: ClassVar[float] = 1.0

    def __init__(
        self,
        tokenize: Tokenize,
        *,
        vocab_size: int,
        seeding: str = "transformers-lefthash",
        key: int = 15_485_863,
        gamma: float = 0.25,
        context_width: int | None = None,
    ) -> None:
        super().__init__(tokenize)
        self._vocab_size = vocab_size
        self._n_green = int(vocab_size * gamma)
        self._share = green_share(self._n_green, vocab_size)
        self._seeding = named_seeding(
            seeding, key=key, context_width=context_width, vocab_size=vocab_size
        )

    def trials(self, ids: Sequence[Int64]) -> list[Trials]:
        """1 for a green token, 0 for a red one."""
        return drawn_trials(ids, self._seeding, vocab_size=self._vocab_size, draw=self._draw)

    def log_tail(self, totals: Float64, counts: Float64) -> Float64:
        """Binomial, with the share of the vocabulary that is green."""
        tail: Float64 = log_binomial_tail(totals, counts, self._share)
        return tail

    def _draw(self, seeds: UInt32, tokens: Int64) -> Float64:
        return are_green(seeds, tokens, self._vocab_size, self._n_green).astype(float)
