"""The encoder reads as its plain twin does, and its weights come back as they were."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from detectors.classifier.encoder import EncoderDetector, EncoderModel
from detectors.classifier.ends import WINDOW, windows_of
from detectors.classifier.matrices import Table
from detectors.classifier.network import Network
from detectors.kernels import reference_encoder as reference
from detectors.kernels.words import N_AFFIXES, Reader

WORDS = [
    "we", "got", "in", "around", "nine", "and", "the", "place", "was", "heaving", ",", "no",
    "table", "so", "stood", "by", "bar",
]  # fmt: skip


def hashed(words: list[str]) -> np.ndarray:
    return np.unique(Reader(np.empty(0, np.uint64)).tokens(" ".join(words).encode()).hashes)


@pytest.fixture(scope="module")
def model() -> EncoderModel:
    """Random weights, some large: what is wrong anywhere shows in the logit."""
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    vocabulary = hashed(WORDS)
    words = rng.normal(size=(len(vocabulary) + 1, 16)).astype(np.float32)
    words[0] = 0
    affixes = rng.normal(size=(2 * N_AFFIXES, 16)).astype(np.float32)
    network = Network(16, layers=2, heads=2, reach=3)
    body = {
        name: (values.numpy() + 0.3 * rng.normal(size=values.shape)).astype(np.float16)
        for name, values in network.state_dict().items()
    }
    return EncoderModel(
        vocabulary, Table.rounded(words), Table.rounded(affixes), body, heads=2, reach=3
    )


def text_of(n_words: int) -> str:
    rng = np.random.default_rng(n_words)
    return " ".join(rng.choice([*WORDS, "unheard-of", "Words!"], n_words).tolist())


def test_a_misspelt_word_is_read_as_what_it_should_be(model: EncoderModel) -> None:
    text = text_of(70)
    misspelt = text.replace("around", "aorund").replace("table", "tabble")

    right, wrong = EncoderDetector(model).score([text, misspelt])

    assert misspelt != text
    assert wrong == right


@pytest.mark.parametrize("n_words", [70, 71, 200, 300])
def test_it_scores_as_the_float64_twin_does(model: EncoderModel, n_words: int) -> None:
    detector, text = EncoderDetector(model), text_of(n_words)
    rows, _ = Reader(model.vocabulary).rows(text.lower().encode())
    embedded = [
        model.words.values(window[:, 0]).astype(np.float64)
        + model.affixes.values(window[:, 1:]).astype(np.float64).sum(axis=1)
        for window in windows_of(rows)
    ]

    expected = [
        reference.encoder_logit(one, model.body, heads=model.heads, reach=model.reach)
        for one in embedded
    ]

    assert detector.score([text])[0].value == pytest.approx(np.mean(expected), abs=2e-4)


def test_a_token_has_its_word_its_beginning_and_its_ending(model: EncoderModel) -> None:
    reader = Reader(model.vocabulary)

    rows, n_words = reader.rows(b"heaving heavens leaving , unheaving")

    word, beginning, ending = rows.T
    assert n_words == 4
    assert (word > 0).tolist() == [True, False, False, True, False]
    assert beginning[0] == beginning[1] != beginning[2]
    assert ending[0] == ending[2] == ending[4] != ending[1]
    assert beginning.max() < N_AFFIXES <= ending.min()


def test_rows_are_those_of_the_plain_twin(model: EncoderModel) -> None:
    form = "we stood by the bár, 1234 times -- don't 天气 ask".encode()

    rows, _ = Reader(model.vocabulary).rows(form)

    expected = reference.token_rows(form, model.vocabulary.tolist(), n_affixes=N_AFFIXES)
    assert rows.tolist() == expected


def test_a_short_text_is_one_window_and_a_long_one_its_ends() -> None:
    rows = np.arange(3 * 1000, dtype=np.int32).reshape(1000, 3)

    short, middling, long = (windows_of(rows[:n]) for n in (WINDOW, WINDOW + 1, 1000))

    assert short.shape == (1, WINDOW, 3)
    assert middling.shape == (2, WINDOW // 2 + 1, 3)
    assert long.shape == (2, WINDOW, 3)
    assert np.array_equal(long[0], rows[:WINDOW])
    assert np.array_equal(long[1], rows[-WINDOW:])


def test_weights_read_back_as_they_were(model: EncoderModel, tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    with path.open("wb") as file:
        model.save(file)

    assert EncoderModel.load(path).digest() == model.digest()


def test_another_weight_is_another_digest(model: EncoderModel) -> None:
    body = {**model.body, "logit.bias": model.body["logit.bias"] + np.float16(1)}

    assert replace(model, body=body).digest() != model.digest()


def test_weights_for_other_tables_are_refused(model: EncoderModel, tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    with path.open("wb") as file:
        replace(model, affixes=Table.rounded(np.ones((8, 16), np.float32))).save(file)

    with pytest.raises(ValueError, match=f"for 8 affixes, this version has {2 * N_AFFIXES}"):
        EncoderModel.load(path)


def test_a_logit_of_a_short_text_is_none(model: EncoderModel) -> None:
    short, empty = EncoderDetector(model).score(["too few words", ""])

    assert (short.value, short.n_tokens, short.reason) == (None, 3, "too_short")
    assert (empty.value, empty.n_tokens, empty.reason) == (None, 0, "degenerate")
    assert math.isfinite(EncoderDetector(model).score([text_of(80)])[0].value or math.nan)
