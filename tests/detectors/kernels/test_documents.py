"""The compiled kernels agree with their plain twins, on real scripts and on rubbish."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.kernels import reference
from detectors.kernels.documents import (
    LIMIT_BYTES,
    Features,
    Model,
    Scores,
    features,
    new_scratch,
    score_documents,
)
from detectors.kernels.ngrams import CHARACTER_SIZE, N_BUCKETS, WORD_SIZES
from detectors.kernels.style import N_FEATURES
from detectors.kernels.tokens import empty_tokens, tokenize
from detectors.stylometry.features import NAMES, measure

TEXTS = (
    "it's a dog's life -- don't you think? 3,000 of them said so... \"really\", and 'truly'.",
    "a b, and c. d; e: f (g) h! i? 2024 2025 x86 3d *bold* # head | cell",
    "привет, мир. как дела? это не просто, а очень просто",
    "人工智能。今天天气很好,我们去公园吧。テスト です",
    "ภาษาไทย ไม่มี ช่องว่าง",
    "'''' ``` '' \" ' x' 'y o'1 o'clock",
    "the cat sat on the mat " * 40,
    "a b c d e f g h i j " * 12,
    "naïve café — 𠀀𠀁 🙂🙂 ok",
)

SCRATCH = new_scratch()


def extract(text: str) -> Features:
    data = np.frombuffer(text.encode(), np.uint8)
    return features(data, np.array([0, len(data)]), SCRATCH)


def twin_weights(text: str) -> tuple[dict[int, float], dict[int, float]]:
    tokens = reference.tokenize(text.encode())
    words = reference.word_buckets(tokens, sizes=WORD_SIZES, n_buckets=N_BUCKETS)
    characters = reference.character_buckets(tokens, size=CHARACTER_SIZE, n_buckets=N_BUCKETS)
    return reference.unit_weights(words), reference.unit_weights(characters)


def assert_agrees_with_twin(text: str) -> None:
    words, characters = twin_weights(text)
    found = extract(text)
    pairs = list(zip(found.buckets.tolist(), found.weights.tolist(), strict=True))

    assert dict(pairs[: len(words)]) == pytest.approx(words, rel=1e-5)
    assert dict(pairs[len(words) :]) == pytest.approx(characters, rel=1e-5)
    assert dict(zip(NAMES, found.style[0].tolist(), strict=True)) == pytest.approx(
        measure(text), abs=1e-12
    )


@pytest.mark.parametrize("text", TEXTS)
def test_kernels_agree_with_their_twins_on_real_scripts(text: str) -> None:
    assert_agrees_with_twin(text)


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_kernels_agree_with_their_twins_on_any_text(text: str) -> None:
    assert_agrees_with_twin(text)


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="ab'\"0 1.,-!人ก", max_size=60))
def test_tokens_agree_with_their_twin_where_rules_meet(text: str) -> None:
    data = np.frombuffer(text.encode(), np.uint8)
    tokens = empty_tokens(len(data) + 1)
    count = tokenize(data, 0, len(data), tokens)

    expected = [reference.token_hash(token.form) for token in reference.tokenize(text.encode())]
    assert tokens.hashes[:count].tolist() == expected


def test_a_hash_is_the_published_one() -> None:
    assert reference.token_hash(b"foobar") == 0x85944171F73967E8  # FNV-1a test vector, Noll


def test_invalid_utf8_is_read_without_harm() -> None:
    data = np.random.default_rng(0).integers(0, 256, LIMIT_BYTES).astype(np.uint8)

    found = features(data, np.array([0, len(data)]), SCRATCH)

    assert np.isfinite(found.weights).all()
    assert not SCRATCH.tally.counts.any()


@pytest.mark.parametrize("byte", [b"a", b".", b" ", b"'", b"0", b"\xe4", b"a."])
def test_the_longest_text_of_one_byte_fits_the_scratch_memory(byte: bytes) -> None:
    data = np.frombuffer((byte * LIMIT_BYTES)[:LIMIT_BYTES], np.uint8)

    found = features(data, np.array([0, len(data)]), SCRATCH)

    assert np.isfinite(found.weights).all()
    assert np.isfinite(found.style).all()


def test_a_score_is_the_sum_that_its_features_say() -> None:
    rng = np.random.default_rng(1)
    model = Model(
        rng.normal(size=N_BUCKETS).astype(np.float32),
        rng.normal(size=N_FEATURES),
        rng.normal(size=N_FEATURES),
        np.full(N_FEATURES, 0.5),
        0.25,
    )
    data = np.frombuffer("".join(TEXTS).encode(), np.uint8)
    bounds = np.cumsum([0, *(len(text.encode()) for text in TEXTS)])
    values, n_words = np.empty(len(TEXTS), np.float32), np.empty(len(TEXTS), np.int32)

    score_documents(data, bounds, model, SCRATCH, Scores(values, n_words))

    for text, value, n in zip(TEXTS, values, n_words, strict=True):
        words, characters = twin_weights(text)
        grams = sum(model.buckets[place] * weight for place, weight in words.items())
        grams += sum(model.buckets[place] * weight for place, weight in characters.items())
        z = (np.array(list(measure(text).values())) - model.style_mean) / model.style_scale
        assert value == pytest.approx(0.25 + grams + model.style @ np.clip(z, -4, 4), abs=1e-4)
        assert n == sum(token.is_word for token in reference.tokenize(text.encode()))
