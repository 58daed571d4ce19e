"""The encoder's training: even labels, one length a step, the same weights however it went."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import labelled
import numpy as np
import pytest
import torch

from detectors.classifier.draws import Draws
from detectors.classifier.encoder import EncoderDetector, EncoderModel
from detectors.classifier.encoder_fitting import EncoderFit, EncoderOptions, train_encoder
from detectors.classifier.gradual import warmup
from detectors.classifier.linear import scored_form_bytes
from detectors.kernels.words import UNKNOWN, Reader
from detectors.threads import one_thread

EXAMPLES = labelled.examples(40)
OPTIONS = EncoderOptions(
    steps=12, width=16, layers=1, heads=2, n_words=100, lengths=(32, 48), batch_tokens=384,
    learning_rate=2e-2, warmup_steps=1, averaged_steps=4, hard_every=4, checkpoint_every=5,
)  # fmt: skip


def read(text: str) -> np.ndarray:
    return Reader(np.empty(0, np.uint64)).rows(scored_form_bytes(text))[0]


def trained(options: EncoderOptions = OPTIONS, checkpoint: Path | None = None) -> EncoderModel:
    return train_encoder(EXAMPLES, options, seed=3, checkpoint=checkpoint, progress=lambda: None)


@pytest.fixture(scope="module")
def model() -> EncoderModel:
    return trained()


@pytest.fixture(scope="module")
def draws() -> Draws:
    return Draws(EXAMPLES, read, OPTIONS, seed=3)


def test_a_step_has_as_many_human_as_machine_windows_of_one_length(draws: Draws) -> None:
    for step in range(8):
        places, rows, is_ai = draws.batch(step)

        assert is_ai.mean() == 0.5
        assert rows.shape[1] in OPTIONS.lengths
        assert [EXAMPLES[i].is_ai for i in places] == is_ai.tolist()


def test_a_step_draws_the_same_whatever_came_before(draws: Draws) -> None:
    again = Draws(EXAMPLES, read, OPTIONS, seed=3)

    assert np.array_equal(again.batch(7)[1], draws.batch(7)[1])
    assert not np.array_equal(again.batch(7)[0], draws.batch(8)[0])


def test_human_texts_that_scored_high_are_drawn_more_often() -> None:
    draws = Draws(EXAMPLES, read, OPTIONS, seed=3)
    human = np.array([not one.is_ai for one in EXAMPLES])
    before = draws.weights.copy()
    draws.scores[np.flatnonzero(human)[:2]] = 5.0

    draws.find_hard()

    raised = draws.weights / before
    assert raised[0] == pytest.approx(3 * raised[4])
    assert draws.weights[human].sum() == pytest.approx(0.5)


def test_a_data_set_of_both_labels_counts_more_and_labels_stay_even() -> None:
    both = [replace(one, dataset="both", source="both") for one in EXAMPLES[:20]]
    mixed = [*both, *EXAMPLES[20:]]

    plain, raised = (
        Draws(mixed, read, replace(OPTIONS, paired=paired), seed=3).weights for paired in (1.0, 3.0)
    )

    is_ai = np.array([one.is_ai for one in mixed])
    odds = [weights[:20].sum() / weights[20:].sum() for weights in (plain, raised)]
    assert odds[1] == pytest.approx(3 * odds[0])
    assert raised[is_ai].sum() == pytest.approx(0.5)


def test_training_tells_apart_what_is_easy(model: EncoderModel) -> None:
    scores = EncoderDetector(model).score([one.text for one in EXAMPLES])
    values = np.array([score.value for score in scores])
    is_ai = np.array([one.is_ai for one in EXAMPLES])

    assert values[is_ai].min() > values[~is_ai].max()


def test_training_twice_gives_the_same_weights(model: EncoderModel) -> None:
    assert trained().digest() == model.digest()


def test_an_interrupted_training_goes_on_to_the_same_weights(
    model: EncoderModel, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.npz"
    with one_thread():
        EncoderFit(EXAMPLES, OPTIONS, seed=3).run(kept, until=7)  # kept after step 5

    assert trained(checkpoint=kept).digest() == model.digest()


def test_hard_texts_are_drawn_while_it_trains(model: EncoderModel) -> None:
    assert trained(replace(OPTIONS, hard_factor=1.0)).digest() != model.digest()


def test_another_seed_gives_other_weights(model: EncoderModel) -> None:
    other = train_encoder(EXAMPLES, OPTIONS, seed=4, progress=lambda: None)

    assert other.digest() != model.digest()


def test_every_step_is_counted() -> None:
    calls: list[None] = []

    train_encoder(EXAMPLES, OPTIONS, seed=3, progress=lambda: calls.append(None))

    assert len(calls) == OPTIONS.steps


def test_the_unknown_word_stays_nothing(model: EncoderModel) -> None:
    assert not model.words.rows[UNKNOWN].any()


def test_threads_are_as_many_as_before(model: EncoderModel) -> None:
    before = torch.get_num_threads()

    with one_thread():
        inside = torch.get_num_threads()

    assert (inside, torch.get_num_threads()) == (1, before)


def test_the_learning_rate_rises_and_stays() -> None:
    options = replace(OPTIONS, warmup_steps=4)

    assert [warmup(step, options) for step in range(6)] == [0.2, 0.4, 0.6, 0.8, 1.0, 1.0]


def test_a_longer_training_goes_on_from_a_shorter_one(model: EncoderModel, tmp_path: Path) -> None:
    kept = tmp_path / "kept.npz"
    shorter = trained(replace(OPTIONS, steps=5), checkpoint=kept)

    assert trained(checkpoint=kept).digest() == model.digest()
    assert shorter.digest() != model.digest()


def test_the_model_is_the_mean_of_the_weights_of_its_steps() -> None:
    of_steps = [
        trained(replace(OPTIONS, steps=steps, averaged_steps=1)).body["logit.weight"]
        for steps in (1, 2, 3)
    ]

    model = trained(replace(OPTIONS, steps=3, averaged_steps=3))

    expected = np.mean(np.stack(of_steps).astype(np.float64), axis=0)
    assert model.body["logit.weight"] == pytest.approx(expected, abs=1e-3)
    assert np.ptp(np.stack(of_steps), axis=0).max() > 1e-2
