"""The vocabulary holds shared words only; vectors to begin with come from a language model."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_models

from detectors.classifier.examples import Example
from detectors.classifier.vocabulary import Vocabulary, first_vectors
from detectors.kernels.reference import token_hash


def human(text: str, source: str) -> Example:
    return Example(text, "human", "en", "human/web", source)


def vocabulary(*texts: str, size: int = 10, min_groups: int = 2) -> Vocabulary:
    examples = [human(text, f"site{i}") for i, text in enumerate(texts)]
    return Vocabulary.of(examples, size=size, min_groups=min_groups)


def test_a_word_of_one_group_is_left_out() -> None:
    found = vocabulary("The Elara of old.", "the old gate", "the elephant")

    assert set(found.words) == {"the", "old"}


def test_a_word_that_one_group_repeats_is_still_of_one_group() -> None:
    texts = [human("gate gate", "site"), human("gate", "site"), human("sea", "site")]

    assert Vocabulary.of(texts, size=10, min_groups=2).words == ()


def test_the_words_in_most_texts_are_kept() -> None:
    found = vocabulary("a b c", "a b c", "a b", "a", size=2)

    assert set(found.words) == {"a", "b"}


def test_words_stand_by_their_hashes_in_canonical_form() -> None:
    found = vocabulary("It's 1984 -- said THE man", "it's 7 --- said the man")

    assert set(found.words) == {"it's", "0", "-", "said", "the", "man"}
    assert found.hashes.tolist() == [token_hash(word.encode()) for word in found.words]
    assert found.hashes.tolist() == sorted(found.hashes.tolist())


def test_first_vectors_are_of_unit_mean_square_and_repeat_exactly() -> None:
    words = ["the", "old", "dog", "gate", "sat", "by", "they", "older"]
    model = tiny_models.language_model()

    vectors = first_vectors(words, model, width=4)

    assert vectors.shape == (8, 4)
    assert vectors.dtype == np.float32
    assert (vectors.astype(float) ** 2).mean() == pytest.approx(1.0, abs=1e-5)
    assert np.array_equal(vectors, first_vectors(words, model, width=4))


def test_the_leading_axes_keep_what_sets_words_apart() -> None:
    words = ["the", "old", "dog", "gate", "sat", "by", "they", "older"]
    model = tiny_models.language_model()
    ids = model.encode([f" {word}" for word in words])
    table = model.head.weight.float().numpy()
    means = np.stack([table[one].mean(axis=0) for one in ids])

    whole = first_vectors(words, model, width=table.shape[1])

    # All axes together are a rotation: distances are those of the model's own vectors, scaled.
    ours = np.linalg.norm(whole[:, None] - whole, axis=-1)
    theirs = np.linalg.norm(means[:, None] - means, axis=-1)
    ratio = ours[np.triu_indices(8, 1)] / theirs[np.triu_indices(8, 1)]
    assert ratio == pytest.approx(ratio[0], rel=1e-3)
