"""The encoder's network: embedded tokens in, one logit per window out."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

_ROTARY_BASE: Final = 10_000.0


def turns(n_tokens: int, width: int) -> Tensor:
    """Angles of rotary positions (Su et al. 2021), float32 [n_tokens, width / 2], radians."""
    rates = _ROTARY_BASE ** (-torch.arange(0, width, 2, dtype=torch.float32) / width)
    return torch.arange(n_tokens, dtype=torch.float32)[:, None] * rates


def out_of_reach(n_tokens: int, reach: int) -> Tensor:
    """Float32 [n_tokens, n_tokens]: -inf where two tokens are more than `reach` apart, else 0."""
    at = torch.arange(n_tokens)
    is_far = (at[:, None] - at).abs() > reach
    return torch.zeros(n_tokens, n_tokens).masked_fill(is_far, -torch.inf)


def turned(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """x [..., n_tokens, width] with its two halves rotated against each other."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cosines - second * sines, first * sines + second * cosines), dim=-1)


class Block(nn.Module):  # type: ignore[misc]
    """Self-attention over the whole window, then a feed-forward layer; both residual."""

    def __init__(self, width: int, *, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before_attention = nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width, bias=False)
        self.attended = nn.Linear(width, width, bias=False)
        self.before_layer = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x: Tensor, cosines: Tensor, sines: Tensor, beyond: Tensor) -> Tensor:
        """x: [B, T, width]; the same shape comes out. beyond: [T, T], -inf out of reach, else 0."""
        batch, n_tokens, width = x.shape
        joint = self.queries_keys_values(self.before_attention(x))
        q, k, v = joint.view(batch, n_tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        q, k = turned(q, cosines, sines), turned(k, cosines, sines)
        # Written out: twice as fast as the fused form on CPU, backward, at these lengths.
        weights = (q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5 + beyond).softmax(dim=-1)
        heard = (weights @ v).transpose(1, 2).reshape(batch, n_tokens, width)
        x = x + self.attended(heard)
        return x + self.down(functional.silu(self.up(self.before_layer(x))))


class Network(nn.Module):  # type: ignore[misc]
    """Trigrams of tokens, blocks of attention, and the mean over tokens of a logit each."""

    def __init__(self, width: int, *, layers: int, heads: int, reach: int) -> None:
        """width: of an embedded token, a multiple of 2 * heads. reach: of attention, tokens."""
        super().__init__()
        self.heads, self.reach = heads, reach
        self.embedded = nn.LayerNorm(width)
        self.trigram = nn.Linear(3 * width, width)
        self.blocks = nn.ModuleList(Block(width, heads=heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.logit = nn.Linear(width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits [B] of windows x [B, T, width], all of the same length: nothing is padded."""
        x = self.embedded(x)
        around = functional.pad(x, (0, 0, 1, 1))
        trigrams = torch.cat((around[:, :-2], x, around[:, 2:]), dim=-1)
        x = x + functional.silu(self.trigram(trigrams))
        angles = turns(x.shape[1], x.shape[2] // self.heads)
        cosines, sines = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
        beyond = out_of_reach(x.shape[1], self.reach).to(x.dtype)
        for block in self.blocks:
            x = block(x, cosines, sines, beyond)
        return self.logit(self.norm(x).mean(dim=1)).squeeze(-1)
