"""Fits the encoder: a vocabulary, first vectors of words, and steps on drawn windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from detectors.classifier import about
from detectors.classifier.draws import Draws
from detectors.classifier.encoder import EncoderDetector, EncoderModel
from detectors.classifier.ends import WINDOW
from detectors.classifier.examples import Example
from detectors.classifier.gradual import StepOptions, Steps
from detectors.classifier.kinds import Kind, Progress
from detectors.classifier.linear import scored_form_bytes
from detectors.classifier.matrices import Table
from detectors.classifier.network import Network
from detectors.classifier.vocabulary import Vocabulary, first_vectors
from detectors.kernels.words import N_AFFIXES, UNKNOWN, Reader
from detectors.language_model import LanguageModel
from detectors.threads import one_thread


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderOptions(StepOptions):
    """How an encoder is fitted.

    width, layers, heads, reach: of the network. n_words, min_groups: of the vocabulary.
    first_vectors: the language model whose word vectors training begins with; None = random ones.
    word_dropout: share of words read by their affixes alone.
    """

    width: int = 128
    layers: int = 2
    heads: int = 4
    reach: int = 16
    n_words: int = 24_000
    min_groups: int = 5
    first_vectors: str | None = None
    dropout: float = 0.15
    word_dropout: float = 0.3

    def __post_init__(self) -> None:
        if self.steps < 1 or self.layers < 1 or self.heads < 1 or self.batch_tokens < 1:
            raise ValueError("steps, layers, heads and batch_tokens must be 1 or more")
        if self.width % (2 * self.heads):
            raise ValueError(f"width {self.width} is no multiple of {2 * self.heads}, twice heads")
        if not self.lengths or min(self.lengths) < 1 or max(self.lengths) > WINDOW:
            raise ValueError(f"lengths must be from 1 to {WINDOW} tokens")


class Trainee(nn.Module):  # type: ignore[misc]
    """The encoder while it is trained: embedding tables in full precision, and the network."""

    def __init__(self, n_words: int, options: EncoderOptions) -> None:
        super().__init__()
        self.words = nn.Embedding(n_words + 1, options.width, padding_idx=UNKNOWN)
        self.affixes = nn.Embedding(2 * N_AFFIXES, options.width)
        nn.init.normal_(self.affixes.weight, std=0.1)
        self.network = Network(
            options.width, layers=options.layers, heads=options.heads, reach=options.reach
        )
        self.dropout = nn.Dropout(options.dropout)
        self.word_dropout = options.word_dropout

    def forward(self, rows: Tensor) -> Tensor:
        """Logits [B] of rows [B, T, 3]."""
        words = rows[..., 0]
        if self.training:
            words = words.masked_fill(torch.rand(words.shape) < self.word_dropout, UNKNOWN)
        embedded = self.words(words) + self.affixes(rows[..., 1:]).sum(dim=-2)
        return self.network(self.dropout(embedded))

    def stored(self, vocabulary: Vocabulary) -> EncoderModel:
        """The model as it ships: tables in int8, the network in float16."""
        body = {
            name: values.numpy().astype(np.float16)
            for name, values in self.network.state_dict().items()
        }
        return EncoderModel(
            vocabulary=vocabulary.hashes,
            words=Table.rounded(self.words.weight.detach().numpy()),
            affixes=Table.rounded(self.affixes.weight.detach().numpy()),
            body=body,
            heads=self.network.heads,
            reach=self.network.reach,
        )


class EncoderFit:
    """A training of the encoder that can be left and taken up again."""

    def __init__(self, examples: Sequence[Example], options: EncoderOptions, *, seed: int) -> None:
        torch.manual_seed(seed)
        self.vocabulary = Vocabulary.of(
            examples, size=options.n_words, min_groups=options.min_groups
        )
        trainee = Trainee(len(self.vocabulary.words), options)
        if options.first_vectors is not None:
            model = _language_model(options.first_vectors)
            vectors = first_vectors(self.vocabulary.words, model, width=options.width)
            with torch.no_grad():
                trainee.words.weight[1:] = torch.from_numpy(vectors)
        reader = Reader(self.vocabulary.hashes)
        draws = Draws(
            examples, lambda text: reader.rows(scored_form_bytes(text))[0], options, seed=seed
        )
        average = Trainee(len(self.vocabulary.words), options)
        self._steps = Steps(trainee, average, draws, options, seed=seed)

    def run(
        self,
        checkpoint: Path | None = None,
        *,
        until: int | None = None,
        progress: Progress = lambda: None,
    ) -> EncoderModel:
        """The model after all steps, or `until` that many. checkpoint: a file to go on from."""
        network: Trainee = self._steps.run(checkpoint, until=until, progress=progress)
        return network.stored(self.vocabulary)


@lru_cache(maxsize=1)
def _language_model(name: str) -> LanguageModel:
    # In one dtype everywhere: "auto" would give other vectors where a CPU lacks bfloat16.
    return LanguageModel.load(name, dtype="bfloat16")


def train_encoder(
    examples: Sequence[Example],
    options: EncoderOptions,
    *,
    seed: int,
    checkpoint: Path | None = None,
    progress: Progress,
) -> EncoderModel:
    """A model fitted on one thread, so that every machine of a kind gets the same weights."""
    with one_thread():
        return EncoderFit(examples, options, seed=seed).run(checkpoint, progress=progress)


KIND: Final = Kind(
    EncoderOptions, train_encoder, EncoderDetector, lambda options: options.steps, about.ENCODER
)
