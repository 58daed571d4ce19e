"""The plain twin of the trunk: one token after the other, float64."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[np.float64]
Layer: TypeAlias = Mapping[str, Matrix]


def nibble(packed: int, place: int, *, scale: float, least: float) -> float:
    """A number of a four-bit matrix: of the low half of its byte at place 0, else of the high."""
    return least + scale * (packed >> 4 * place & 15)


def trunk_logit(
    x: Matrix,
    layers: Sequence[Layer],
    vectors: Mapping[str, Matrix],
    *,
    heads: int,
    groups: int,
    base: float,
    epsilon: float,
) -> float:
    """Logit of one window of embedded tokens x [T, width]: `classifier.trunk_network`.

    layers: matrices [out, in] and norms by their names there; vectors: the last norm and the logit.
    """
    for layer in layers:
        x = x + _heard(_root_normed(x, layer["before_attention"], epsilon), layer, heads, groups,
                       base)  # fmt: skip
        inner = _root_normed(x, layer["before_feed_forward"], epsilon) @ layer["gates_ups"].T
        gates, ups = np.split(inner, 2, axis=1)
        x = x + (gates / (1 + np.exp(-gates)) * ups) @ layer["down"].T
    deviations = x - x.mean(axis=1, keepdims=True)
    spread = np.sqrt((deviations**2).mean(axis=1, keepdims=True) + 1e-5)
    pooled = (deviations / spread * vectors["norm.weight"] + vectors["norm.bias"]).mean(axis=0)
    return float(pooled @ vectors["logit.weight"][0] + vectors["logit.bias"][0])


def _root_normed(x: Matrix, weight: Matrix, epsilon: float) -> Matrix:
    return x / np.sqrt((x**2).mean(axis=1, keepdims=True) + epsilon) * weight


def _heard(x: Matrix, layer: Layer, heads: int, groups: int, base: float) -> Matrix:
    size = x.shape[1] // heads
    joint = x @ layer["queries_keys_values"].T
    q, k, v = np.split(joint, (heads * size, (heads + groups) * size), axis=1)
    heard = np.zeros_like(x)
    for head in range(heads):
        of_head = slice(head * size, (head + 1) * size)
        group = head * groups // heads
        of_group = slice(group * size, (group + 1) * size)
        for i in range(len(x)):
            # A rotation of both by their positions is one of the query by their distance.
            logits = [
                _rotated(q[i, of_head], i - j, base) @ k[j, of_group] / math.sqrt(size)
                for j in range(i + 1)
            ]
            shares = np.exp(np.array(logits) - max(logits))
            heard[i, of_head] = shares / shares.sum() @ v[: i + 1, of_group]
    return heard @ layer["attended"].T


def _rotated(vector: Matrix, distance: int, base: float) -> Matrix:
    half = len(vector) // 2
    turned = vector[:half] + 1j * vector[half:]
    turned = turned * np.exp(1j * distance * base ** (-np.arange(half) / half))
    return np.concatenate((turned.real, turned.imag))
