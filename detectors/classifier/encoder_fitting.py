"""Fits the encoder: windows of one length per step, labels even, hard human texts more often.

Every window of a step has the same number of tokens, drawn without regard to labels: length says
nothing and nothing is padded. A step's draws depend on the seed and its number alone, so that a
training that was interrupted goes on from its last checkpoint to the same weights. The learning
rate does not fall: the model is a moving mean of the weights instead, which makes a longer training
the continuation of a shorter one.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from detectors.classifier import about
from detectors.classifier.augment import roughened, window_of
from detectors.classifier.encoder import WINDOW, EncoderDetector, EncoderModel, Table
from detectors.classifier.examples import Example
from detectors.classifier.kinds import Kind, Progress
from detectors.classifier.linear import scored_form_bytes
from detectors.classifier.network import Network
from detectors.classifier.vocabulary import Vocabulary, first_vectors
from detectors.classifier.weighting import Vector, group_weights, harder
from detectors.kernels.words import N_AFFIXES, UNKNOWN, Reader
from detectors.language_model import LanguageModel
from detectors.threads import one_thread

_MOMENTS: Final = ("exp_avg", "exp_avg_sq")  # what AdamW remembers of a parameter
_MOST_DRAWS: Final = 20  # for one window, before a text with too few tokens is taken as it is


@dataclass(frozen=True, slots=True)
class EncoderOptions:
    """How an encoder is fitted.

    width, layers, heads, reach: of the network. n_words, min_groups: of the vocabulary.
    first_vectors: the language model whose word vectors training begins with; None = random ones.
    lengths: of windows, tokens; one is drawn per step. batch_tokens: of a step. averaged_steps: the
    model is the mean of the weights of about that many last steps. word_dropout: share of words
    read by their affixes alone. paired: how many times a data set of both labels counts. balance,
    hard_*: as of the linear model; hard human texts are chosen anew every `hard_every` steps, by
    their last logits. checkpoint_every: steps.
    """

    steps: int
    width: int = 128
    layers: int = 2
    heads: int = 4
    reach: int = 16
    n_words: int = 24_000
    min_groups: int = 5
    first_vectors: str | None = None
    lengths: Sequence[int] = (64, 96, 128, 192, 256)
    batch_tokens: int = 6144
    learning_rate: float = 2e-3
    warmup_steps: int = 50
    averaged_steps: int = 400
    weight_decay: float = 0.05
    dropout: float = 0.15
    word_dropout: float = 0.3
    balance: float = 0.5
    paired: float = 3.0
    hard_quantile: float = 0.95
    hard_factor: float = 3.0
    hard_every: int = 100
    checkpoint_every: int = 50

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

    def forward(self, rows: Tensor) -> Tensor:
        """Logits [B] of rows [B, T, 3]."""
        embedded = self.words(rows[..., 0]) + self.affixes(rows[..., 1:]).sum(dim=-2)
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


class Draws:
    """Draws the windows of a step. `scores` remembers each text's last logit, NaN before it."""

    def __init__(
        self, examples: Sequence[Example], reader: Reader, options: EncoderOptions, *, seed: int
    ) -> None:
        self._examples, self._reader, self._options, self._seed = examples, reader, options, seed
        self._is_ai = np.array([one.is_ai for one in examples])
        self._n_words = np.array([len(one.text.split()) for one in examples])
        self._base = _weights(examples, self._is_ai, options)
        self.weights = self._base
        self.scores = np.full(len(examples), np.nan)

    def find_hard(self) -> None:
        """Weigh up the human texts whose last logit was highest."""
        scores = np.where(np.isnan(self.scores), -np.inf, self.scores)
        self.weights = harder(
            scores,
            self._is_ai,
            self._base,
            quantile=self._options.hard_quantile,
            factor=self._options.hard_factor,
        )

    def batch(self, step: int) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.bool_]]:
        """Positions of texts [B], their rows [B, T, 3], and whether each is of a machine."""
        rng = random.Random(f"{self._seed}:{step}")
        length = rng.choice(self._options.lengths)
        pairs = max(1, self._options.batch_tokens // length // 2)
        chosen: list[int] = []
        rows: list[NDArray[np.int32]] = []
        for is_ai in (False, True):
            places = np.flatnonzero((self._is_ai == is_ai) & (self._n_words >= length))
            bounds = np.cumsum(self.weights[places])
            for _ in range(pairs):
                place, window = self._window(places, bounds, length, rng)
                chosen.append(place)
                rows.append(window)
        return np.array(chosen), np.stack(rows), self._is_ai[chosen]

    def _window(
        self,
        places: NDArray[np.int64],
        bounds: NDArray[np.float64],
        length: int,
        rng: random.Random,
    ) -> tuple[int, NDArray[np.int32]]:
        for _ in range(_MOST_DRAWS):
            at = np.searchsorted(bounds, rng.random() * bounds[-1], side="right")
            place = int(places[min(int(at), len(places) - 1)])
            text = roughened(window_of(self._examples[place].text, length, rng=rng), rng=rng)
            rows, _ = self._reader.rows(scored_form_bytes(text))
            if len(rows) >= length:
                return place, rows[:length]
        raise ValueError(f"no text of {length} tokens after {_MOST_DRAWS} draws")


def _weights(
    examples: Sequence[Example], is_ai: NDArray[np.bool_], options: EncoderOptions
) -> Vector:
    datasets = [one.dataset for one in examples]
    groups = [one.group for one in examples]
    weights = group_weights(is_ai, groups, datasets, balance=options.balance)
    human = {one.dataset for one in examples if not one.is_ai}
    paired = human & {one.dataset for one in examples if one.is_ai}
    weights[[name in paired for name in datasets]] *= options.paired
    for label in (False, True):
        weights[is_ai == label] *= 0.5 / weights[is_ai == label].sum()
    return weights


class EncoderFit:
    """A training that can be left and taken up again."""

    def __init__(self, examples: Sequence[Example], options: EncoderOptions, *, seed: int) -> None:
        torch.manual_seed(seed)
        self.options, self._seed = options, seed
        self.vocabulary = Vocabulary.of(
            examples, size=options.n_words, min_groups=options.min_groups
        )
        self.trainee = Trainee(len(self.vocabulary.words), options)
        if options.first_vectors is not None:
            model = _language_model(options.first_vectors)
            vectors = first_vectors(self.vocabulary.words, model, width=options.width)
            with torch.no_grad():
                self.trainee.words.weight[1:] = torch.from_numpy(vectors)
        self._draws = Draws(examples, Reader(self.vocabulary.hashes), options, seed=seed)
        self._optimiser = _optimiser(self.trainee, options)
        self._average = Trainee(len(self.vocabulary.words), options).eval()
        self._average.load_state_dict(self.trainee.state_dict())
        self.step = 0

    def run(
        self,
        checkpoint: Path | None = None,
        *,
        until: int | None = None,
        progress: Progress = lambda: None,
    ) -> EncoderModel:
        """The model after all steps, or `until` that many. checkpoint: a file to go on from."""
        if checkpoint is not None and checkpoint.exists():
            self._restore(checkpoint)
        last = self.options.steps if until is None else until
        while self.step < last:
            self._take_step()
            progress()
            if checkpoint is not None and self.step % self.options.checkpoint_every == 0:
                self._keep(checkpoint)
        return self._average.stored(self.vocabulary)

    def _keep(self, checkpoint: Path) -> None:
        moments = {
            f"{kind}.{name}": self._optimiser.state[parameter][kind].numpy()
            for name, parameter in self.trainee.named_parameters()
            for kind in _MOMENTS
        }
        state = {f"state.{n}": v.detach().numpy() for n, v in self.trainee.state_dict().items()}
        average = {f"average.{n}": v.numpy() for n, v in self._average.state_dict().items()}
        unfinished = checkpoint.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            np.savez(
                file,
                **moments,
                **state,
                **average,
                step=np.array(self.step),
                scores=self._draws.scores,
                weights=self._draws.weights,
            )
        unfinished.replace(checkpoint)

    def _restore(self, checkpoint: Path) -> None:
        with np.load(checkpoint, allow_pickle=False) as kept:
            self.step = int(kept["step"])
            self._draws.scores, self._draws.weights = kept["scores"], kept["weights"]
            state = {n: torch.from_numpy(kept[f"state.{n}"]) for n in self.trainee.state_dict()}
            self.trainee.load_state_dict(state)
            average = {n: torch.from_numpy(kept[f"average.{n}"]) for n in state}
            self._average.load_state_dict(average)
            for name, parameter in self.trainee.named_parameters():
                self._optimiser.state[parameter] = {
                    "step": torch.tensor(float(self.step)),
                    **{kind: torch.from_numpy(kept[f"{kind}.{name}"]) for kind in _MOMENTS},
                }

    @torch.no_grad()
    def _follow(self) -> None:
        # Of the first steps the plain mean: the weights at the beginning must not linger in it.
        share = 1 / min(self.options.averaged_steps, 1 + self.step)
        pairs = zip(self._average.parameters(), self.trainee.parameters(), strict=True)
        for average, parameter in pairs:
            average.lerp_(parameter, share)

    def _take_step(self) -> None:
        options = self.options
        torch.manual_seed(self._seed * 1_000_003 + self.step)
        for group in self._optimiser.param_groups:
            group["lr"] = options.learning_rate * warmup(self.step, options)
        places, rows, is_ai = self._draws.batch(self.step)
        given = torch.from_numpy(rows)
        given[..., 0][torch.rand(given.shape[:2]) < options.word_dropout] = UNKNOWN
        self.trainee.train()
        with torch.autocast("cpu", torch.bfloat16):
            logits = self.trainee(given).float()
        loss = functional.binary_cross_entropy_with_logits(logits, torch.from_numpy(is_ai).float())
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.trainee.parameters(), 1.0)
        self._optimiser.step()
        self._draws.scores[places] = logits.detach().numpy()
        self._follow()
        self.step += 1
        if self.step % options.hard_every == 0:
            self._draws.find_hard()


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


def warmup(step: int, options: EncoderOptions) -> float:
    """Share of the learning rate at a step: it rises in a line, and stays."""
    return min(1.0, (step + 1) / (options.warmup_steps + 1))


def _optimiser(trainee: Trainee, options: EncoderOptions) -> torch.optim.AdamW:
    decayed = [p for p in trainee.parameters() if p.ndim > 1]
    others = [p for p in trainee.parameters() if p.ndim <= 1]
    return torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": options.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ],
        lr=options.learning_rate,
        betas=(0.9, 0.98),
        fused=True,
    )


KIND: Final = Kind(
    EncoderOptions, train_encoder, EncoderDetector, lambda options: options.steps, about.ENCODER
)
