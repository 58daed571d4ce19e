"""Training takes only what is allowed, holds units out whole, and repeats itself exactly."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import labelled
import numpy as np
import pytest

from detectors.calibrate import CellRule
from detectors.calibration import Calibration
from detectors.classifier.examples import Allowed, Example, read_jsonl, write_jsonl
from detectors.classifier.linear import LinearDetector, LinearModel, text_features
from detectors.classifier.linear_fitting import LinearOptions, fit, train_linear
from detectors.classifier.training import (
    Config,
    dealt,
    held_out_models,
    scored_windows,
    select,
    train,
    write,
)
from detectors.classifier.weighting import group_weights, harder

CONFIG = Config(
    detector="linear",
    seed=1,
    folds=2,
    max_per_group=100,
    allowed=Allowed({"human/web": "CC0", "bots0": "MIT", "bots1": "MIT"}, ["en"], ["bad-bot"]),
    fit=LinearOptions(iterations=10),
    cell_rule=CellRule(min_human=20, min_sources=1, min_per_source=2, min_ai=20),
)


EXAMPLES = labelled.examples(60)


def fitted(examples: list[Example]) -> LinearModel:
    return train_linear(examples, CONFIG.fit, seed=CONFIG.seed, progress=lambda: None)


@pytest.fixture(scope="module")
def model() -> LinearModel:
    return fitted(EXAMPLES)


def test_only_allowed_sets_languages_and_generators_are_used() -> None:
    one = EXAMPLES[1]
    others = [
        replace(one, dataset="unlicensed"),
        replace(one, language="de"),
        replace(one, generator="bad-bot"),
        replace(one, text="too short"),
    ]

    assert select([one, *others], CONFIG) == [one]


def test_no_group_gives_more_than_its_share() -> None:
    chosen = select(EXAMPLES, replace(CONFIG, max_per_group=5))

    assert len(chosen) == 5 * (4 + 6)


def test_a_unit_is_held_out_whole() -> None:
    folds = dealt(EXAMPLES, n_folds=2)

    assert sorted([*folds[0], *folds[1]]) == ["bots0", "bots1", "site0", "site1", "site2", "site3"]


def test_every_fold_holds_out_some_of_each_label() -> None:
    folds = dealt(EXAMPLES, n_folds=2)

    assert [len(names & {"bots0", "bots1"}) for names in folds] == [1, 1]
    assert [len(names) for names in folds] == [3, 3]


def test_every_example_is_held_out_once() -> None:
    held = [one for _, some in held_out_models(EXAMPLES, CONFIG) for one in some]

    assert sorted(one.text for one in held) == sorted(one.text for one in EXAMPLES)


def test_a_held_out_model_has_not_seen_what_it_scores() -> None:
    for model, held in held_out_models(EXAMPLES, CONFIG):
        kept = [one for one in EXAMPLES if one not in held]

        assert model.digest() == fitted(kept).digest()


def test_a_named_fold_holds_units_and_families_of_generators() -> None:
    named = replace(CONFIG, folds=[["site0", "xbot"]])

    [(_, held)] = held_out_models(EXAMPLES, named)

    assert {one.source for one in held if not one.is_ai} == {"site0"}
    assert {one.generator for one in held if one.is_ai} == {"xbot-0", "xbot-3"}


def test_no_source_gives_more_windows_than_asked_for() -> None:
    scored = list(scored_windows(EXAMPLES, LinearDetector(fitted(EXAMPLES)), seed=1, most=3))

    counts = Counter((one.source, one.label, item.n_tokens >= 100) for one, item in scored)
    assert set(counts.values()) == {3}
    assert len(counts) == 2 * (4 + 2)


def test_labels_weigh_the_same_and_groups_by_the_root_of_their_size() -> None:
    is_ai = np.array([True, False, False, False, False, False])

    groups = ["a", "big", "big", "big", "big", "small"]

    weights = group_weights(is_ai, groups, groups, balance=0.5)

    assert weights[0] == pytest.approx(0.5)
    assert weights[1:5].sum() == pytest.approx(2 * weights[5])


def test_in_a_set_of_both_labels_both_weigh_the_same() -> None:
    is_ai = np.array([True, True, False, False, False, True])
    groups = ["set:bot1", "set:bot2", "set", "web", "blog", "other:bot"]

    weights = group_weights(is_ai, groups, ["set"] * 3 + ["web", "blog", "other"], balance=0.5)

    assert weights[:2].sum() == pytest.approx(weights[2])
    assert weights[is_ai].sum() == pytest.approx(weights[~is_ai].sum()) == pytest.approx(0.5)


def test_humans_that_score_high_are_weighted_up_and_labels_stay_balanced() -> None:
    is_ai = np.array([False] * 20 + [True])
    weights = np.full(21, 0.5 / 20)
    weights[20] = 0.5
    scores = np.arange(21.0)

    raised = harder(scores, is_ai, weights, quantile=0.9, factor=3.0)

    assert raised[19] == pytest.approx(3 * raised[0])
    assert raised[:20].sum() == pytest.approx(0.5)
    assert raised[20] == 0.5


def test_a_trained_model_separates_what_it_was_trained_on(model: LinearModel) -> None:
    values, _, _ = LinearDetector(model).score_many([one.text for one in EXAMPLES])
    is_ai = np.array([one.is_ai for one in EXAMPLES])

    assert values[is_ai].min() > values[~is_ai].max()


def test_training_twice_gives_the_same_weights(model: LinearModel) -> None:
    assert fitted(EXAMPLES).digest() == model.digest()


def test_the_fit_ends_where_the_gradient_is_zero() -> None:
    # Where the loss is least, its gradient in the bias is zero: weighted residuals cancel.
    features = text_features([one.text for one in EXAMPLES])
    is_ai = np.array([one.is_ai for one in EXAMPLES])
    groups = [one.group for one in EXAMPLES]
    weights = group_weights(is_ai, groups, groups, balance=1.0)
    fitted = fit(
        features, is_ai, weights, LinearOptions(l2_ngrams=1e-2, iterations=200, hard_rounds=0)
    )
    values, _, _ = LinearDetector(fitted).score_many([one.text for one in EXAMPLES])

    residuals = is_ai - 1 / (1 + np.exp(-values.astype(float)))

    assert float(weights @ residuals) == pytest.approx(0.0, abs=1e-3)


def test_weights_read_back_as_they_were(model: LinearModel, tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    with path.open("wb") as file:
        model.save(file)

    assert LinearModel.load(path).digest() == model.digest()


def test_weights_for_other_features_are_refused(model: LinearModel, tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    with path.open("wb") as file:
        replace(model, buckets=model.buckets[:8]).save(file)

    with pytest.raises(ValueError, match="21 features and 8 buckets"):
        LinearModel.load(path)


def test_examples_read_back_as_they_were(tmp_path: Path) -> None:
    write_jsonl(EXAMPLES, tmp_path / "e.jsonl.gz")

    assert list(read_jsonl(tmp_path)) == EXAMPLES


def test_weights_calibration_and_card_are_written(tmp_path: Path) -> None:
    files = write(train(EXAMPLES, CONFIG), tmp_path, CONFIG)

    detector = LinearDetector(LinearModel.load(tmp_path / "linear.npz"))
    calibration = Calibration.load(files[1], fingerprint=detector.fingerprint)
    assert [(cell.min_tokens, cell.n_human) for cell in calibration.cells] == [(50, 60), (100, 60)]
    assert "| bots0 | bots0 | ai | en | 30 | MIT |" in (tmp_path / "linear.md").read_text()
