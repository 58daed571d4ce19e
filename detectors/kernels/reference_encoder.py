"""The plain twin of the encoder: one token after the other, float64."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from detectors.kernels.reference import mix, token_hash, tokenize

Weights: TypeAlias = Mapping[str, NDArray[np.float64]]


def token_rows(data: bytes, vocabulary: Sequence[int], *, n_affixes: int) -> list[list[int]]:
    """Word, beginning and ending row of every token, as `words.Reader.rows` gives them."""
    row_of = {key: i + 1 for i, key in enumerate(vocabulary)}
    return [
        [
            row_of.get(token_hash(token.form), 0),
            mix(int.from_bytes(b"\x01" + token.form[:3])) % n_affixes,
            n_affixes + mix(int.from_bytes(b"\x02" + token.form[:-4:-1])) % n_affixes,
        ]
        for token in tokenize(data)
    ]


def encoder_logit(
    x: NDArray[np.float64], body: Mapping[str, NDArray[Any]], *, heads: int, reach: int
) -> float:
    """Logit of one window of embedded tokens x [T, width]: `classifier.network`, token by token."""
    w = {name: values.astype(np.float64) for name, values in body.items()}
    x = _normed(x, w, "embedded")
    nothing = np.zeros_like(x[:1])
    around = np.hstack((np.vstack((nothing, x[:-1])), x, np.vstack((x[1:], nothing))))
    x = x + _silu(around @ w["trigram.weight"].T + w["trigram.bias"])
    for k in range(sum(name.endswith(".up.bias") for name in w)):
        block = f"blocks.{k}."
        x = x + _attended(_normed(x, w, block + "before_attention"), w, block, heads, reach)
        inner = _normed(x, w, block + "before_layer") @ w[block + "up.weight"].T
        inner = _silu(inner + w[block + "up.bias"])
        x = x + inner @ w[block + "down.weight"].T + w[block + "down.bias"]
    pooled = _normed(x, w, "norm").mean(axis=0)
    return float(pooled @ w["logit.weight"][0] + w["logit.bias"][0])


def _attended(
    x: NDArray[np.float64], w: Weights, block: str, heads: int, reach: int
) -> NDArray[np.float64]:
    q, k, v = np.split(x @ w[block + "queries_keys_values.weight"].T, 3, axis=1)
    size = x.shape[1] // heads
    heard = np.zeros_like(x)
    for head in range(heads):
        of_head = slice(head * size, (head + 1) * size)
        for i in range(len(x)):
            near = range(max(0, i - reach), min(len(x), i + reach + 1))
            # A rotation of both by their positions is one of the query by their distance.
            logits = [_rotated(q[i, of_head], i - j) @ k[j, of_head] for j in near]
            shares = np.exp(np.array(logits) / math.sqrt(size))
            heard[i, of_head] = shares / shares.sum() @ v[near, of_head]
    return heard @ w[block + "attended.weight"].T


def _rotated(vector: NDArray[np.float64], distance: int) -> NDArray[np.float64]:
    half = len(vector) // 2
    turned = vector[:half] + 1j * vector[half:]
    turned = turned * np.exp(1j * distance * 10_000.0 ** (-np.arange(half) / half))
    return np.concatenate((turned.real, turned.imag))


def _normed(x: NDArray[np.float64], w: Weights, name: str) -> NDArray[np.float64]:
    deviations = x - x.mean(axis=1, keepdims=True)
    scale = np.sqrt((deviations**2).mean(axis=1, keepdims=True) + 1e-5)
    return deviations / scale * w[f"{name}.weight"] + w[f"{name}.bias"]


def _silu(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return x / (1 + np.exp(-x))
