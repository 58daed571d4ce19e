"""The kernels agree with plain loops in float64, for any block."""

from __future__ import annotations

import math

import pytest
import torch

from detectors.kernels import reference, token_statistics
from detectors.kernels.token_statistics import Head

SHAPES = [(1, 3, 2), (7, 11, 4), (40, 301, 16)]  # tokens, vocabulary, width
BLOCKS = [(512, 1024), (3, 5), (1, 1), (16, 300)]


def problem(
    shape: tuple[int, int, int], scale: float = 2.0, seed: int = 0
) -> tuple[torch.Tensor, Head, torch.Tensor]:
    n, vocab_size, width = shape
    made = torch.Generator().manual_seed(seed)
    hidden = torch.randn(n, width, generator=made) * scale
    head = Head(torch.randn(vocab_size, width, generator=made))
    return hidden, head, torch.randint(vocab_size, (n,), generator=made)


def logits(hidden: torch.Tensor, head: Head) -> list[list[float]]:
    made = hidden.double() @ head.weight.double().T
    return (made if head.bias is None else made + head.bias.double()).tolist()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("block", BLOCKS, ids=str)
@pytest.mark.parametrize("scale", [0.01, 2.0, 20.0])
def test_statistics_are_those_of_the_twin(
    shape: tuple[int, int, int],
    block: tuple[int, int],
    scale: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(token_statistics._BLOCK, "cpu", block)
    hidden, head, targets = problem(shape, scale)

    made = token_statistics.token_statistics(hidden, head, targets)

    twins = [
        reference.token_statistics(row, target)
        for row, target in zip(logits(hidden, head), targets.tolist(), strict=True)
    ]
    assert made.rank.tolist() == [twin.rank for twin in twins]
    for name in ("log_likelihood", "entropy", "top1", "variance"):
        expected = [getattr(twin, name) for twin in twins]
        assert getattr(made, name).tolist() == pytest.approx(expected, rel=2e-5, abs=1e-4)


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_pair_statistics_are_those_of_the_twin(
    block: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(token_statistics._BLOCK, "cpu", block)
    hidden_q, sampling, targets = problem((9, 301, 8), seed=1)
    hidden_p, scoring, _ = problem((9, 301, 12), seed=2)

    made = token_statistics.pair_statistics(
        hidden_q, hidden_p, targets, sampling=sampling, scoring=scoring
    )

    for i, (q, p) in enumerate(
        zip(logits(hidden_q, sampling), logits(hidden_p, scoring), strict=True)
    ):
        mean, variance = reference.cross_moments(q, p)
        log_likelihood = reference.log_softmax(p)[targets[i]]
        assert made.log_likelihood[i].item() == pytest.approx(log_likelihood, abs=1e-4)
        assert made.mean[i].item() == pytest.approx(mean, abs=1e-4)
        assert made.variance[i].item() == pytest.approx(variance, rel=2e-5, abs=1e-4)


def test_a_model_paired_with_itself_gives_its_own_statistics() -> None:
    hidden, head, targets = problem((40, 301, 16))

    pair = token_statistics.pair_statistics(hidden, hidden, targets, sampling=head, scoring=head)

    own = token_statistics.token_statistics(hidden, head, targets)
    torch.testing.assert_close(pair.log_likelihood, own.log_likelihood)
    torch.testing.assert_close(pair.mean, -own.entropy)
    torch.testing.assert_close(pair.variance, own.variance)


def test_a_bias_is_added_to_the_logits() -> None:
    hidden, head, targets = problem((5, 11, 4))
    biased = Head(head.weight, torch.arange(11.0))

    made = token_statistics.token_statistics(hidden, biased, targets)

    twins = [
        reference.token_statistics(row, target)
        for row, target in zip(logits(hidden, biased), targets.tolist(), strict=True)
    ]
    assert made.log_likelihood.tolist() == pytest.approx(
        [t.log_likelihood for t in twins], abs=1e-5
    )


def test_equal_tokens_share_the_best_rank() -> None:
    hidden, head = torch.zeros(3, 2), Head(torch.ones(5, 2))

    made = token_statistics.token_statistics(hidden, head, torch.tensor([0, 2, 4]))

    assert made.rank.tolist() == [1, 1, 1]
    assert made.entropy.tolist() == pytest.approx([math.log(5)] * 3)
    assert made.variance.tolist() == [0.0] * 3


def test_a_small_variance_beside_large_logits_keeps_its_digits() -> None:
    """A difference of squares would return noise: 300**2 has a float32 step of 0.008."""
    weight = torch.full((64, 1), 300.0) + torch.linspace(0.0, 0.02, 64)[:, None]
    hidden = torch.ones(1, 1)

    made = token_statistics.token_statistics(hidden, Head(weight), torch.tensor([0]))

    twin = reference.token_statistics(weight[:, 0].double().tolist(), 0)
    assert made.variance.item() == pytest.approx(twin.variance, rel=1e-3)


def test_no_token_gives_no_statistics() -> None:
    _, head, _ = problem((1, 11, 4))

    made = token_statistics.token_statistics(torch.zeros(0, 4), head, torch.zeros(0).long())

    assert made.log_likelihood.shape == made.rank.shape == (0,)


@pytest.mark.parametrize(
    ("dtype", "is_bfloat16", "allowed"),
    [(torch.bfloat16, True, True), (torch.bfloat16, False, False), (torch.float32, True, False)],
    ids=["both", "hidden states alone", "head alone"],
)
def test_factors_are_read_as_bfloat16_only_where_all_of_them_are(
    dtype: torch.dtype, is_bfloat16: bool, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = torch.backends.mkldnn.matmul
    before, seen = setting.fp32_precision, set()
    hidden, head, targets = problem((7, 11, 4))
    weight = head.weight.bfloat16().float() if is_bfloat16 else head.weight
    head, plain = Head(weight, is_bfloat16=is_bfloat16), Head.logits
    monkeypatch.setattr(
        Head, "logits", lambda *a, **k: (seen.add(setting.fp32_precision), plain(*a, **k))[1]
    )

    made = token_statistics.token_statistics(hidden.to(dtype), head, targets)

    twins = [
        reference.token_statistics(row, target)
        for row, target in zip(logits(hidden.to(dtype), head), targets.tolist(), strict=True)
    ]
    assert made.log_likelihood.tolist() == pytest.approx(
        [twin.log_likelihood for twin in twins], abs=1e-5
    )
    assert seen == ({"bf16"} if allowed else {before})
    assert setting.fp32_precision == before
