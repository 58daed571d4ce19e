"""Watermarking generators that share no code with the detectors: PyTorch, one text at a time.

`Babbler` stands for a language model: logits that depend on the last token, so that contexts vary,
with a chosen spread (the larger, the lower the entropy). Processors change logits; choosers pick
a token themselves. Both are written from the published algorithms, with PyTorch's own generators.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from itertools import combinations

import numpy as np
import torch

Logits = torch.Tensor
#: Ids so far (int64 [t]) and next logits (float32 [V]) to other logits.
Processor = Callable[[torch.Tensor, Logits], Logits]
#: Ids so far and next probabilities (float32 [V]) to a token.
Chooser = Callable[[torch.Tensor, torch.Tensor], int]

CONTEXT = 16  # tokens that stand for a prompt


class Babbler:
    """Next logits from the last token: normal with standard deviation `spread`."""

    def __init__(self, vocab_size: int, *, spread: float = 2.5) -> None:
        self.vocab_size, self.spread = vocab_size, spread

    def logits(self, ids: torch.Tensor) -> Logits:
        last = torch.Generator().manual_seed(int(ids[-1]) % 4096)
        return torch.randn(self.vocab_size, generator=last) * self.spread

    def entropy(self) -> float:
        """Mean entropy of the next token, nats."""
        draws = [torch.softmax(self.logits(torch.tensor([i])), 0) for i in range(20)]
        return float(torch.stack([-(p * p.log()).sum() for p in draws]).mean())


def generate(
    model: Babbler,
    n_tokens: int,
    *,
    seed: int,
    processor: Processor | None = None,
    chooser: Chooser | None = None,
) -> np.ndarray:
    """Ids of one text, without its prompt: int64 [n_tokens]. Sampled at temperature 1."""
    random = torch.Generator().manual_seed(seed)
    ids = torch.randint(0, model.vocab_size, (CONTEXT,), generator=random)
    for _ in range(n_tokens):
        logits = model.logits(ids)
        if processor is not None:
            logits = processor(ids, logits)
        probabilities = torch.softmax(logits, 0)
        if chooser is not None:
            token = torch.tensor([chooser(ids, probabilities)])
        else:
            token = torch.multinomial(probabilities, 1, generator=random)
        ids = torch.cat([ids, token])
    return ids[CONTEXT:].numpy()


# -- green lists ------------------------------------------------------------------------------


def green_ids(seed: int, vocab_size: int, gamma: float) -> torch.Tensor:
    rng = torch.Generator().manual_seed(seed % (2**64 - 1))
    return torch.randperm(vocab_size, generator=rng)[: int(vocab_size * gamma)]


def left_hash(
    seed_of: Callable[[torch.Tensor], int], vocab_size: int, *, gamma: float, delta: float = 2.0
) -> Processor:
    """Adds delta to the green list that the context seeds."""

    def process(ids: torch.Tensor, logits: Logits) -> Logits:
        logits = logits.clone()
        logits[green_ids(seed_of(ids), vocab_size, gamma)] += delta
        return logits

    return process


def self_hash(
    seed_of: Callable[[torch.Tensor], int], vocab_size: int, *, gamma: float, delta: float = 2.0
) -> Processor:
    """Adds delta to those of the 40 likeliest tokens that lie in the list they seed themselves."""

    def process(ids: torch.Tensor, logits: Logits) -> Logits:
        logits = logits.clone()
        for token in logits.argsort(descending=True)[:40]:
            with_token = torch.cat([ids, token[None]])
            if token in green_ids(seed_of(with_token), vocab_size, gamma):
                logits[token] += delta
        return logits

    return process


# -- pseudo-random functions of lm-watermarking, term by term ----------------------------------

_fixed = torch.randperm(1_000_003, generator=torch.Generator().manual_seed(2971215073))


def hashint(ids: torch.Tensor) -> torch.Tensor:
    return _fixed[ids % 1_000_003] + 1


def _noncomm(ids: torch.Tensor, key: int) -> int:
    state = torch.tensor(key)
    for token in ids:
        state = (state * hashint(state * token)) % 2**32
    return int(state)


LM_PRFS: dict[str, Callable[[torch.Tensor, int], int]] = {
    "multiplicative_prf": lambda ids, key: key * int(ids.prod()),
    "additive_prf": lambda ids, key: key * int(ids.sum()),
    "minfunc_prf": lambda ids, key: key * int(ids.min()),
    "simple_skip_prf": lambda ids, key: int(hashint(key * ids[::2]).prod()),
    "skipgram_prf": lambda ids, key: int(hashint(key * ids[0])),
    "anchored_skipgram_prf": lambda ids, key: int(hashint(key * ids[0]) * hashint(key * ids[-1])),
    "minhash_prf": lambda ids, key: int(hashint(key * ids).min()),
    "anchored_minhash_prf": lambda ids, key: int((key * hashint(ids) * hashint(ids[-1])).min()),
    "minskipgram_prf": lambda ids, key: min(
        int(a * b) for a, b in combinations(hashint(key * ids), 2)
    ),
    "noncomm_prf": _noncomm,
    "position_prf": lambda ids, key: int((key * ids * torch.arange(1, len(ids) + 1)).sum()),
}


def lm_watermarking_seed(prf: str, width: int, *, key: int) -> Callable[[torch.Tensor], int]:
    return lambda ids: LM_PRFS[prf](ids[-width:], key) % (2**64 - 1)


def transformers_selfhash_seed(width: int, *, key: int) -> Callable[[torch.Tensor], int]:
    table = torch.randperm(1_000_003, generator=torch.Generator().manual_seed(key)) + 1

    def seed(ids: torch.Tensor) -> int:
        hashed = table[ids[-width:] % 1_000_003]
        return int((key * hashed * hashed[-1]).min()) % (2**64 - 1)

    return seed


def markllm_seed(
    scheme: str, width: int, *, key: int, vocab_size: int
) -> Callable[[torch.Tensor], int]:
    prf = torch.randperm(vocab_size, generator=torch.Generator().manual_seed(key)).tolist()

    def seed(ids: torch.Tensor) -> int:
        context = ids[-width:].tolist()
        number = {
            "time": lambda: prf[math.prod(context) % vocab_size],
            "additive": lambda: prf[sum(context) % vocab_size],
            "skip": lambda: prf[context[0]],
            "min": lambda: min(prf[token] for token in context),
        }[scheme]()
        return key * number % vocab_size

    return seed


# -- Unigram ----------------------------------------------------------------------------------


def unigram(vocab_size: int, *, key: int, gamma: float = 0.5, delta: float = 2.0) -> Processor:
    """Adds delta to one fixed list."""
    mask = [True] * int(gamma * vocab_size) + [False] * (vocab_size - int(gamma * vocab_size))
    shuffled = np.array(mask)
    digest = hashlib.sha256(np.int64(key)).digest()
    np.random.default_rng(int.from_bytes(digest[:4], "little")).shuffle(shuffled)
    return lambda _ids, logits: logits + delta * torch.from_numpy(shuffled).float()


# -- Gumbel (EXP) -----------------------------------------------------------------------------


def markllm_exp_seed(width: int, *, key: int, vocab_size: int) -> Callable[[torch.Tensor], int]:
    return lambda ids: key * (math.prod(ids[-width:].tolist()) % vocab_size)


def three_bricks_seed(width: int, *, key: int) -> Callable[[torch.Tensor], int]:
    def seed(ids: torch.Tensor) -> int:
        state = 0
        for token in ids[-width:].tolist():
            state = (state * key + token) % (2**64 - 1)
        return state

    return seed


def gumbel(seed_of: Callable[[torch.Tensor], int], vocab_size: int) -> Chooser:
    """argmax r^(1/p): the token whose exponential clock rings first."""

    def choose(ids: torch.Tensor, probabilities: torch.Tensor) -> int:
        rng = torch.Generator().manual_seed(seed_of(ids))
        r = torch.rand(vocab_size, generator=rng).double()
        return int((r.log() / probabilities.double()).argmax())

    return choose


# -- SynthID-Text -----------------------------------------------------------------------------


class Tournament:
    """Reweights probabilities layer by layer: p <- p (1 + g - sum of p g)."""

    def __init__(self, keys: list[int], table: torch.Tensor, *, ngram_len: int = 5) -> None:
        self.keys, self.table, self.ngram_len = keys, table, ngram_len
        self.seen: set[tuple[int, ...]] = set()

    def __call__(self, ids: torch.Tensor, logits: Logits) -> Logits:
        context = tuple(ids[-(self.ngram_len - 1) :].tolist())
        if context in self.seen:
            return logits
        self.seen.add(context)
        state = self._hash(torch.ones(len(logits), dtype=torch.int64), context)
        state = self._hash(state, [torch.arange(len(logits))])
        p = torch.softmax(logits, 0)
        for key in self.keys:
            g = self.table[self._hash(state, [key]) % len(self.table)]
            p = p * (1 + g - (p * g).sum())
        return p.clamp_min(1e-30).log()

    @staticmethod
    def _hash(state: torch.Tensor, numbers: object) -> torch.Tensor:
        for number in numbers:  # type: ignore[attr-defined]
            state = (state + number) * 6364136223846793005 + 1
        return state
