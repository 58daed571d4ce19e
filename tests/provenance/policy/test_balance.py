from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.policy.balance import nearest_prefix, select
from provenance.policy.sampling import id_words

N_TOKENS = st.lists(
    st.one_of(st.just(0), st.integers(0, 50), st.integers(0, 10**12)), min_size=1, max_size=40
)


class Corpus:
    """One stratum: distinct ids, token counts and weights."""

    def __init__(self, n_tokens: list[int], seed: int) -> None:
        generator = random.Random(seed)
        self.ids = id_words(b"".join(generator.randbytes(16) for _ in n_tokens))
        self.n_tokens = np.array(n_tokens, dtype=np.int64)
        self.weights = np.array([generator.uniform(1, 4) for _ in n_tokens], dtype=np.float32)
        self.supply = int(self.n_tokens.sum())

    def select(self, target_tokens: int, *, max_epochs: int = 3, **changes: Any) -> Any:
        given_ = {"ids": self.ids, "n_tokens": self.n_tokens, "weights": self.weights, **changes}
        return select(**given_, target_tokens=target_tokens, max_epochs=max_epochs, seed=11)


corpora = st.builds(Corpus, N_TOKENS, st.integers(0, 1000))


@given(corpora, st.floats(0, 3))
def test_kept_tokens_are_within_half_of_the_largest_document(corpus: Corpus, epochs: float) -> None:
    target = int(corpus.supply * epochs)

    kept = int((corpus.select(target) * corpus.n_tokens).sum())

    assert abs(kept - target) <= corpus.n_tokens.max() / 2


@given(corpora, st.floats(0, 3), st.floats(0, 3))
def test_a_larger_target_counts_no_document_less_often(
    corpus: Corpus, one: float, other: float
) -> None:
    small, large = sorted((int(corpus.supply * one), int(corpus.supply * other)))

    assert np.all(corpus.select(small) <= corpus.select(large))


@given(corpora, st.floats(0, 3), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(
    corpus: Corpus, epochs: float, shuffle: random.Random
) -> None:
    target = int(corpus.supply * epochs)
    places = list(range(len(corpus.ids)))
    shuffle.shuffle(places)

    shuffled = corpus.select(
        target,
        ids=corpus.ids[places],
        n_tokens=corpus.n_tokens[places],
        weights=corpus.weights[places],
    )

    assert shuffled.tolist() == corpus.select(target)[places].tolist()


@given(corpora, st.floats(0, 3))
def test_epochs_differ_by_at_most_one_and_stay_below_the_limit(
    corpus: Corpus, epochs: float
) -> None:
    counted = corpus.select(int(corpus.supply * epochs))

    assert counted.dtype == np.int32
    assert counted.max() - counted.min() <= 1
    assert 0 <= counted.min() <= counted.max() <= 3


@given(corpora, st.integers(0, 3))
def test_whole_passes_count_every_document_alike(corpus: Corpus, passes: int) -> None:
    counted = corpus.select(corpus.supply * passes)

    assert counted.tolist() == [passes if corpus.supply else 0] * len(corpus.ids)


def test_a_target_beyond_the_allowed_passes_is_refused() -> None:
    with pytest.raises(ValueError, match="13 tokens of 4 in 3 epochs"):
        Corpus([1, 3], seed=0).select(13)


def test_another_seed_selects_other_documents() -> None:
    corpus = Corpus([1] * 100, seed=0)

    one, other = (
        select(corpus.ids, corpus.n_tokens, corpus.weights,
               target_tokens=50, max_epochs=1, seed=seed)
        for seed in (1, 2)
    )  # fmt: skip

    assert one.sum() == other.sum() == 50
    assert one.tolist() != other.tolist()


def test_heavy_documents_are_selected_more_readily() -> None:
    corpus = Corpus([1] * 4000, seed=0)
    weights = np.where(np.arange(4000) % 2 == 0, 4.0, 1.0)

    counted = corpus.select(400, weights=weights)

    # 400 of 4000: odds of nearly 4 to 1, a little less as the heavy half thins out.
    assert counted[0::2].sum() / counted[1::2].sum() == pytest.approx(3.75, abs=0.9)


@pytest.mark.parametrize(
    ("target", "length"),
    [(0, 0), (2, 0), (3, 1), (5, 1), (6, 1), (7, 2), (10, 2), (11, 3), (12, 3)],
)
def test_the_nearest_prefix_is_the_shorter_of_two_that_are_equally_close(
    target: int, length: int
) -> None:
    assert nearest_prefix(np.array([5, 3, 4]), target) == length


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.floats(0, 1))
def test_the_nearest_prefix_agrees_with_trying_them_all(tokens: list[int], part: float) -> None:
    target = int(sum(tokens) * part)
    distances = [abs(sum(tokens[:n]) - target) for n in range(len(tokens) + 1)]

    length = nearest_prefix(np.array(tokens), target)

    assert distances[length] == min(distances)
