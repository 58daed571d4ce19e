"""What a language model's next-token distributions say, without holding them.

Logits are made and used up in blocks of [tokens, vocabulary]. The moments of a block are taken
about its own mean and merged in float64 (Chan, Golub and LeVeque 1979): no difference of squares.
On a CPU a block is used up by `softmax_moments`, elsewhere by tensor operations; `reference` has
the plain twins.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from detectors.kernels import softmax_moments

#: Tokens and vocabulary of a block, per kind of device. On a CPU the tokens of a whole batch, so
#: that the head is read once, and 4 MiB of logits, which its caches hold.
_BLOCK: Final = {"cpu": (1024, 1024)}
_BLOCK_ELSEWHERE: Final = (2048, 16_384)


@dataclass(frozen=True, slots=True)
class Head:
    """The map from hidden states to logits. weight: [V, D]; bias: float32 [V] or None.

    The weight is float32 on a CPU, where no product of bfloat16 gives float32; elsewhere as loaded.
    is_bfloat16: each of its numbers is one of bfloat16, whatever it is kept in.
    """

    weight: Tensor
    bias: Tensor | None = None
    is_bfloat16: bool = False

    def logits(
        self, hidden: Tensor, start: int, stop: int, *, room: Tensor | None = None
    ) -> Tensor:
        """float32 [N, stop - start]: logits of those tokens of the vocabulary.

        room: float32 memory for at least as many, used where the weight is float32.
        """
        weight = self.weight[start:stop].T
        if hidden.dtype == torch.float32:
            shape = len(hidden), stop - start
            place = None if room is None else room[: shape[0] * shape[1]].view(shape)
            made = torch.mm(hidden, weight, out=place)
        else:
            made = torch.mm(hidden, weight, out_dtype=torch.float32)
        return made if self.bias is None else made.add_(self.bias[start:stop])

    def of_targets(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """float32 [N]: the logit of each row's target."""
        made = torch.linalg.vecdot(hidden.float(), self.weight[targets].float())
        return made if self.bias is None else made + self.bias[targets]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of each predicted token, [N]; natural logarithms.

    log_likelihood; rank (int64): 1 + the number of tokens with a strictly larger logit, so that
    ties share the best rank; entropy of the distribution; top1: the log-likelihood of its most
    likely token; variance: of the log-likelihood of a token drawn from it (its mean is -entropy).
    """

    log_likelihood: Tensor
    rank: Tensor
    entropy: Tensor
    top1: Tensor
    variance: Tensor


@dataclass(frozen=True, slots=True)
class PairStatistics:
    """Of each predicted token, float32 [N]; natural logarithms.

    log_likelihood under the scoring model; mean and variance of that of a token drawn from the
    sampling model.
    """

    log_likelihood: Tensor
    mean: Tensor
    variance: Tensor


class _Moments:
    """Running maximum, mass, mean and squared deviation under softmax weights; float64 [N].

    mass = sum of exp(logit - maximum); mean and squares are of the values, under those weights.
    """

    def __init__(self, n: int, device: torch.device) -> None:
        made = torch.zeros(4, n, dtype=torch.float64, device=device)
        self.maximum, self.mass, self.mean, self.squares = made
        self.maximum.fill_(-torch.inf)

    def add(self, logits: Tensor, values: Tensor | None = None) -> None:
        """Take in a block of logits, which may be overwritten; values: the logits by default."""
        self._merge(*_block_moments(logits, values))

    def _merge(self, maximum: Tensor, mass: Tensor, mean: Tensor, squares: Tensor) -> None:
        top = torch.maximum(self.maximum, maximum)
        ours, theirs = torch.exp(self.maximum - top), torch.exp(maximum - top)
        before, mass = self.mass * ours, mass * theirs
        gap = mean - self.mean
        self.maximum, self.mass = top, before + mass
        self.mean = self.mean + gap * mass / self.mass
        self.squares = self.squares * ours + squares * theirs + gap**2 * before * mass / self.mass

    @property
    def log_mass(self) -> Tensor:
        """ln of the sum of exp(logits)."""
        return self.maximum + self.mass.log()


def _block_moments(logits: Tensor, values: Tensor | None) -> tuple[Tensor, ...]:
    """Maximum, mass, mean and squares of one block, as in `_Moments`."""
    if logits.device.type != "cpu":
        return _block_moments_elsewhere(logits, values)
    of = None if values is None else values.numpy()
    maximum, made = softmax_moments.block_moments(logits.numpy(), of)
    return torch.from_numpy(maximum).double(), *torch.from_numpy(made)


def _block_moments_elsewhere(logits: Tensor, values: Tensor | None) -> tuple[Tensor, ...]:
    maximum = logits.amax(1)
    shifted = logits.sub_(maximum[:, None])
    weights = shifted.exp() if values is None else shifted.exp_()
    mass = weights.sum(1)
    chosen = shifted if values is None else values
    mean = torch.linalg.vecdot(weights, chosen) / mass
    squares = torch.linalg.vecdot(weights, (chosen - mean[:, None]).square_())
    mean = mean.double() + (maximum if values is None else 0.0)
    return maximum.double(), mass.double(), mean, squares.double()


def _put_own(logits: Tensor, columns: Tensor, own: Tensor) -> None:
    """Replace each row's own logit, where its column (int64 [N]) is of this block.

    So that none is above itself by a rounding error. Nothing here depends on values: a device is
    not waited for.
    """
    place = columns.clamp(0, logits.shape[1] - 1)[:, None]
    is_here = columns[:, None] == place
    logits.scatter_(1, place, torch.where(is_here, own[:, None], logits.gather(1, place)))


def _add_above(above: Tensor, logits: Tensor, own: Tensor) -> None:
    """Add to `above` (int64 [N]) how many logits of each row are larger than its own."""
    if logits.device.type == "cpu":
        softmax_moments.count_above(logits.numpy(), own.numpy(), above.numpy())
    else:
        above += (logits > own[:, None]).sum(1)


def token_statistics(hidden: Tensor, head: Head, targets: Tensor) -> Statistics:
    """Statistics of `targets` (int64 [N]), each predicted from its row of `hidden` ([N, D])."""
    with _bfloat16_factors((hidden, head)):
        chunks = [_statistics(h, head, t) for h, t in _chunks(hidden, head, targets)]
    return Statistics(*(torch.cat(parts) for parts in zip(*chunks, strict=True)))


def pair_statistics(
    sampling_hidden: Tensor,
    scoring_hidden: Tensor,
    targets: Tensor,
    *,
    sampling: Head,
    scoring: Head,
) -> PairStatistics:
    """Statistics of `targets` (int64 [N]) under two models of one vocabulary; hidden: [N, D]."""
    both = zip(
        _chunks(sampling_hidden, sampling, targets),
        _chunks(scoring_hidden, scoring, targets),
        strict=True,
    )
    with _bfloat16_factors((sampling_hidden, sampling), (scoring_hidden, scoring)):
        chunks = [
            _pair_statistics(hidden_q, hidden_p, chunk, sampling, scoring)
            for (hidden_q, chunk), (hidden_p, _) in both
        ]
    return PairStatistics(*(torch.cat(parts) for parts in zip(*chunks, strict=True)))


@contextmanager
def _bfloat16_factors(*products: tuple[Tensor, Head]) -> Iterator[None]:
    """Float32 products on a CPU may read their factors as bfloat16, if all of them are.

    The products stay exact and are summed in float32 as before, in less time.
    """
    setting = getattr(torch.backends.mkldnn, "matmul", None)  # since torch 2.9
    are = all(h.dtype == torch.bfloat16 and head.is_bfloat16 for h, head in products)
    if setting is None or not are:
        yield
        return
    before = setting.fp32_precision
    setting.fp32_precision = "bf16"
    try:
        yield
    finally:
        setting.fp32_precision = before


def _chunks(hidden: Tensor, head: Head, targets: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    size = _block(hidden)[0]
    for i in range(0, max(1, len(targets)), size):
        yield hidden[i : i + size].to(head.weight.dtype), targets[i : i + size]


def _blocks(hidden: Tensor, head: Head) -> Iterator[tuple[int, Tensor]]:
    """First token of the vocabulary and logits, [N, block], each gone when the next is made."""
    size, vocab_size = _block(hidden)[1], len(head.weight)
    # Fresh memory for each block would be handed out page by page: 2 % of a CPU's time.
    room = hidden.new_empty(len(hidden) * size, dtype=torch.float32)
    for start in range(0, vocab_size, size):
        yield start, head.logits(hidden, start, min(vocab_size, start + size), room=room)


def _block(hidden: Tensor) -> tuple[int, int]:
    return _BLOCK.get(hidden.device.type, _BLOCK_ELSEWHERE)


def _statistics(hidden: Tensor, head: Head, targets: Tensor) -> tuple[Tensor, ...]:
    own = head.of_targets(hidden, targets)
    moments = _Moments(len(targets), hidden.device)
    above = torch.zeros_like(targets)
    for start, logits in _blocks(hidden, head):
        _put_own(logits, targets - start, own)
        _add_above(above, logits, own)
        moments.add(logits)
    log_mass = moments.log_mass
    return (
        (own - log_mass).float(),
        above + 1,
        (log_mass - moments.mean).float(),
        (moments.maximum - log_mass).float(),
        (moments.squares / moments.mass).float(),
    )


def _pair_statistics(
    sampling_hidden: Tensor, scoring_hidden: Tensor, targets: Tensor, sampling: Head, scoring: Head
) -> tuple[Tensor, ...]:
    cross = _Moments(len(targets), targets.device)
    own = _Moments(len(targets), targets.device)
    for (_, sampled), (_, scored) in zip(
        _blocks(sampling_hidden, sampling), _blocks(scoring_hidden, scoring), strict=True
    ):
        cross.add(sampled, scored)
        own.add(scored)
    log_mass = own.log_mass
    return (
        (scoring.of_targets(scoring_hidden, targets) - log_mass).float(),
        (cross.mean - log_mass).float(),
        (cross.squares / cross.mass).float(),
    )
