"""How a context of tokens becomes the seed of a random generator: the published variants.

A seeding is named for the code that generated the text, because that decides it:

    transformers-lefthash    key * last token
    transformers-selfhash    key * (h(t_i) + 1) * (h(t) + 1), least over the context and t itself;
                             h is a permutation of 1,000,003 drawn with the key
    lm-watermarking/NAME     the PRF family of Kirchenbauer et al.; NAME as that code has it:
                             simple_1, lefthash, selfhash, algorithm-3, minhash, skipgram or
                             ff-<prf>-<context width>-<True|False, self salt>
    markllm-F                key * prf[F(context) mod V] mod V, F time, additive, skip or min;
                             prf is a permutation of the vocabulary drawn with the key
    markllm-exp              key * (product of the context mod V)
    three-bricks-hash        s = s * key + t over the context, modulo 2^64 - 1

transformers and lm-watermarking hash with different tables, so their self-hashes do not find each
other. Integers wrap at 64 bits where PyTorch's do; a generator on the CPU keeps the low 32.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import combinations
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from detectors.watermark.mersenne import UInt32, permutation

Int64: TypeAlias = NDArray[np.int64]
#: Contexts (int64 [n, width]) and the key to 64-bit numbers (int64 [n]).
Prf: TypeAlias = Callable[[Int64, int], Int64]

_TABLE_SIZE: Final = 1_000_003
_LM_TABLE_SEED: Final = 2_971_215_073  # lm-watermarking's own; transformers takes the key
_MODULUS: Final = 2**64 - 1
_LM_PREFIX: Final = "lm-watermarking/"


@dataclass(frozen=True, slots=True)
class Seeding:
    """Contexts to seeds. width: tokens of a context, the scored token included if `self_salt`."""

    name: str
    width: int
    self_salt: bool
    seeds: Callable[[Int64], UInt32]


def _low_32(numbers: Int64, factor: int = 1) -> UInt32:
    """Low 32 bits of (factor * number) mod (2^64 - 1), in whole numbers as Python has them."""
    seeds = [factor * number % _MODULUS & 0xFFFFFFFF for number in numbers.tolist()]
    return np.array(seeds, dtype=np.uint32)


@lru_cache(maxsize=8)
def _table(seed: int) -> Int64:
    table = permutation(seed & 0xFFFFFFFF, _TABLE_SIZE) + 1
    table.setflags(write=False)
    return table


def _anchored_minhash(contexts: Int64, key: int, *, table: Int64) -> Int64:
    hashed = table[contexts % _TABLE_SIZE]
    least: Int64 = (np.int64(key) * hashed * hashed[:, -1:]).min(axis=1)
    return least


def _hashint(numbers: Int64) -> Int64:
    hashed: Int64 = _table(_LM_TABLE_SEED)[numbers % _TABLE_SIZE]
    return hashed


def _minskipgram(contexts: Int64, key: int) -> Int64:
    hashed = _hashint(contexts * np.int64(key))
    pairs = list(combinations(range(contexts.shape[1]), 2))
    least: Int64 = np.stack([hashed[:, i] * hashed[:, j] for i, j in pairs], axis=1).min(axis=1)
    return least


def _noncommutative(contexts: Int64, key: int) -> Int64:
    state = np.full(len(contexts), key, np.int64)
    for token in contexts.T:
        state = state * _hashint(state * token) % 2**32
    return state


def _lm_seeds(contexts: Int64, key: int, *, prf: Prf) -> UInt32:
    return _low_32(prf(contexts, key))


def _lm_multiple_seeds(contexts: Int64, key: int, *, number: Callable[[Int64], Int64]) -> UInt32:
    """Where that code multiplies by the key only after leaving 64 bits: no wrapping."""
    return _low_32(number(contexts), key)


_LM_MULTIPLES: Final[Mapping[str, Callable[[Int64], Int64]]] = {
    "multiplicative_prf": lambda c: c.prod(axis=1),
    "additive_prf": lambda c: c.sum(axis=1),
    "minfunc_prf": lambda c: c.min(axis=1),
}
_LM_PRFS: Final[Mapping[str, Prf]] = {
    "simple_skip_prf": lambda c, key: _hashint(c[:, ::2] * np.int64(key)).prod(axis=1),
    "skipgram_prf": lambda c, key: _hashint(c[:, 0] * np.int64(key)),
    "anchored_skipgram_prf": lambda c, key: (
        _hashint(c[:, 0] * np.int64(key)) * _hashint(c[:, -1] * np.int64(key))
    ),
    "minhash_prf": lambda c, key: _hashint(c * np.int64(key)).min(axis=1),
    "anchored_minhash_prf": lambda c, key: _anchored_minhash(c, key, table=_table(_LM_TABLE_SEED)),
    "minskipgram_prf": _minskipgram,
    "noncomm_prf": _noncommutative,
    "position_prf": lambda c, key: (c * np.int64(key) * np.arange(1, c.shape[1] + 1)).sum(axis=1),
}
_LM_NAMES: Final[Mapping[str, tuple[str, int, bool]]] = {
    "simple_1": ("additive_prf", 1, False),
    "lefthash": ("additive_prf", 1, False),
    "algorithm-3": ("anchored_minhash_prf", 4, True),
    "selfhash": ("anchored_minhash_prf", 4, True),
    "minhash": ("minhash_prf", 4, False),
    "skipgram": ("skipgram_prf", 5, False),
}


def _progressive_product(contexts: Int64, vocab_size: int) -> Int64:
    product = np.ones(len(contexts), np.int64)
    for token in contexts.T:
        product = product * token % vocab_size
    return product


_MARKLLM: Final[Mapping[str, Callable[[Int64, int, Int64], Int64]]] = {
    "time": lambda c, v, prf: prf[_progressive_product(c, v)],
    "additive": lambda c, v, prf: prf[c.sum(axis=1) % v],
    "skip": lambda c, _v, prf: prf[c[:, 0]],
    "min": lambda c, _v, prf: prf[c].min(axis=1),
}


def _markllm_seeds(contexts: Int64, *, scheme: str, key: int, vocab_size: int) -> UInt32:
    prf = _vocabulary_permutation(key, vocab_size)
    number = _MARKLLM[scheme](contexts, vocab_size, prf)
    return (np.int64(key) * number % vocab_size).astype(np.uint32)


@lru_cache(maxsize=8)
def _vocabulary_permutation(key: int, vocab_size: int) -> Int64:
    order = permutation(key & 0xFFFFFFFF, vocab_size)
    order.setflags(write=False)
    return order


def _markllm_exp_seeds(contexts: Int64, *, key: int, vocab_size: int) -> UInt32:
    return _low_32(_progressive_product(contexts, vocab_size), key)


def _three_bricks_seeds(contexts: Int64, *, key: int) -> UInt32:
    seeds = []
    for context in contexts.tolist():
        seed = 0
        for token in context:
            seed = (seed * key + token) % _MODULUS
        seeds.append(seed & 0xFFFFFFFF)
    return np.array(seeds, dtype=np.uint32)


def _transformers_selfhash_seeds(contexts: Int64, *, key: int) -> UInt32:
    return _low_32(_anchored_minhash(contexts, key, table=_table(key)))


#: What `seeding` accepts, for messages. The ff- names are a family of their own.
NAMES: Final = (
    "transformers-lefthash",
    "transformers-selfhash",
    *(_LM_PREFIX + name for name in _LM_NAMES),
    *(f"markllm-{scheme}" for scheme in _MARKLLM),
    "markllm-exp",
    "three-bricks-hash",
)


def seeding(name: str, *, key: int, context_width: int | None, vocab_size: int) -> Seeding:
    """The seeding of that name.

    context_width: tokens that the generator looked at, with the scored token where it salts itself
    (transformers' and lm-watermarking's meaning); None = its default. Raises ValueError.
    """
    if name.startswith(_LM_PREFIX):
        return _lm_watermarking(name, key, context_width)
    width, salts, seeds = _other(name, context_width, key=key, vocab_size=vocab_size)
    return Seeding(name, width, salts, seeds)


def _other(
    name: str, width: int | None, *, key: int, vocab_size: int
) -> tuple[int, bool, Callable[[Int64], UInt32]]:
    scheme = name.removeprefix("markllm-")
    if name == "transformers-lefthash":
        return 1, False, lambda contexts: _low_32(contexts[:, -1], key)
    if name == "transformers-selfhash":
        return width or 1, True, partial(_transformers_selfhash_seeds, key=key)
    if name == "markllm-exp":
        return width or 4, False, partial(_markllm_exp_seeds, key=key, vocab_size=vocab_size)
    if name == "three-bricks-hash":
        return width or 1, False, partial(_three_bricks_seeds, key=key)
    if name.startswith("markllm-") and scheme in _MARKLLM:
        seeds = partial(_markllm_seeds, scheme=scheme, key=key, vocab_size=vocab_size)
        return width or 1, False, seeds
    raise ValueError(f"unknown seeding {name!r}")


def _lm_watermarking(name: str, key: int, context_width: int | None) -> Seeding:
    prf, width, salts = _lm_parts(name.removeprefix(_LM_PREFIX))
    if context_width not in (None, width):
        raise ValueError(f"the context width of {name!r} is {width}, not {context_width}")
    if prf in _LM_MULTIPLES:
        seeds = partial(_lm_multiple_seeds, key=key, number=_LM_MULTIPLES[prf])
    else:
        seeds = partial(_lm_seeds, key=key, prf=_LM_PRFS[prf])
    return Seeding(name, width, salts, seeds)


def _lm_parts(name: str) -> tuple[str, int, bool]:
    """PRF, context width and self salt of a name as lm-watermarking has it."""
    if name in _LM_NAMES:
        return _LM_NAMES[name]
    parts = name.split("-")
    if len(parts) == 4 and parts[0] == "ff" and parts[2].isdigit() and 0 < int(parts[2]) <= 16:
        _, prf, width, salts = parts
        fits = prf != "minskipgram_prf" or int(width) > 1
        if (prf in _LM_PRFS or prf in _LM_MULTIPLES) and salts in ("True", "False") and fits:
            return prf, int(width), salts == "True"
    raise ValueError(f"unknown seeding {_LM_PREFIX + name!r}")
