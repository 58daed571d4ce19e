"""A logistic model over named features, and the fit that penalises drift."""

from __future__ import annotations

import dataclasses
import io
import re

import numpy as np
import pytest

from detectors.classifier.named import LIMIT, NamedModel
from detectors.classifier.named_fitting import Labelled, NamedOptions, drift, fit_named, shift

NAMES = ("length", "register")
MODEL = NamedModel(NAMES, np.array([1.0, 0.0]), np.array([2.0, 1.0]), np.array([3.0, -1.0]), 0.5)


def texts(*, n: int = 400, seed: int = 0) -> Labelled:
    """`length` tells the labels apart; `register` tells sources apart, and by chance the labels."""
    rng = np.random.default_rng(seed)
    is_ai = np.arange(n) % 2 == 1
    source = rng.integers(0, 4, n)
    register = source - 1.5 + 2.0 * is_ai + rng.normal(0, 0.1, n)
    values = np.c_[is_ai + rng.normal(0, 1.0, n), register]
    units = [f"{'ai' if ai else 'human'}{s}" for ai, s in zip(is_ai, source, strict=True)]
    return Labelled(values, is_ai, units, np.full(n, 1 / n))


def with_typos(data: Labelled) -> Labelled:
    """The same texts with typing errors: machine texts come out shorter, human texts hardly."""
    values = data.values.copy()
    values[:, 0] -= np.where(data.is_ai, 1.0, 0.1)
    return dataclasses.replace(data, mistyped=values)


def fitted(**options: float) -> NamedModel:
    return fit_named(NAMES, texts(), NamedOptions(**options))


def test_the_logit_is_the_weighted_sum_of_deviations_within_the_limit() -> None:
    values = np.array([[3.0, 2.0], [1e9, -1e9]])

    assert MODEL.logits(values).tolist() == [3.0 * 1.0 - 2.0 + 0.5, 3 * LIMIT + LIMIT + 0.5]


def test_parts_and_bias_sum_to_the_logit() -> None:
    values = np.array([[3.0, 2.0]])

    parts = MODEL.parts(values)[0]

    assert parts == {"length": 3.0, "register": -2.0}
    assert sum(parts.values()) + MODEL.bias == MODEL.logits(values)[0]


def test_neighbours_do_not_change_a_logit_by_a_bit() -> None:
    rng = np.random.default_rng(0)
    model = NamedModel(("f",) * 247, *rng.uniform(1, 2, (3, 247)), 0.0)
    values = rng.normal(size=(50, 247))

    together = model.logits(values)

    assert [float(model.logits(row[np.newaxis])[0]) for row in values] == together.tolist()


def test_a_model_comes_back_as_it_was_saved() -> None:
    file = io.BytesIO()
    MODEL.save(file)
    file.seek(0)

    loaded = NamedModel.load(file, names=NAMES)

    assert loaded.digest() == MODEL.digest()


def test_weights_for_other_features_are_refused_by_name() -> None:
    file = io.BytesIO()
    MODEL.save(file)
    file.seek(0)

    with pytest.raises(ValueError, match=re.escape("they differ in commas, register")):
        NamedModel.load(file, names=("length", "commas"))


def test_the_fit_is_the_least_of_its_objective() -> None:
    """No small change of the weights lowers the penalised loss."""
    data, options = with_typos(texts()), NamedOptions(l2=1e-2, drift=0.1, typos=0.3)
    model = fit_named(NAMES, data, options)
    design = model.standardised(data.values)
    between = drift(design, data.is_ai, data.units)
    changes = model.standardised(data.mistyped) - design
    means = [changes[data.is_ai == label].mean(axis=0) for label in (False, True)]
    sign = np.where(data.is_ai, 1.0, -1.0)

    def loss(weights: np.ndarray, bias: float) -> float:
        margin = sign * (design @ weights + bias)
        penalty = options.l2 * weights @ weights + options.drift * weights @ between @ weights
        penalty += options.typos * sum((weights @ mean) ** 2 for mean in means)
        return float(data.weights @ np.logaddexp(0.0, -margin) + 0.5 * penalty)

    best = loss(model.weights, model.bias)

    for k in range(2):
        for step in (-0.01, 0.01):
            assert loss(model.weights + step * np.eye(2)[k], model.bias) > best
    assert loss(model.weights, model.bias + 0.01) > best


def test_what_drifts_between_sources_counts_less_under_the_penalty() -> None:
    free, held = fitted(drift=0.0), fitted(drift=3.0)

    assert abs(held.weights[1]) < 0.5 * abs(free.weights[1])
    assert held.weights[0] > 0


def test_what_typing_errors_change_counts_less_under_the_penalty() -> None:
    data = with_typos(texts())
    free, held = (fit_named(NAMES, data, NamedOptions(typos=typos)) for typos in (0.0, 3.0))

    lost = [
        (m.logits(data.values) - m.logits(data.mistyped))[data.is_ai].mean() for m in (free, held)
    ]
    assert 0 < lost[1] < 0.5 * lost[0]


def test_without_texts_with_typing_errors_nothing_is_penalised_for_them() -> None:
    assert fitted(typos=3.0).digest() == fitted(typos=0.0).digest()


def test_a_text_not_known_with_typing_errors_has_no_say_in_their_penalty() -> None:
    whole = with_typos(texts())
    assert whole.mistyped is not None
    some = np.where(np.arange(len(whole.is_ai))[:, None] % 8 < 2, whole.mistyped, np.nan)

    all_known, few_known = (
        fit_named(NAMES, data, NamedOptions(typos=3.0))
        for data in (whole, dataclasses.replace(whole, mistyped=some))
    )

    np.testing.assert_allclose(few_known.weights, all_known.weights, rtol=0.05)


def test_a_shift_is_the_outer_product_of_each_labels_mean_change() -> None:
    changes = np.array([[1.0, 0.0], [3.0, 0.0], [0.0, 2.0]])
    is_ai, weights = np.array([False, False, True]), np.array([0.75, 0.25, 1.0])

    assert shift(changes, is_ai, weights).tolist() == [[1.5**2, 0.0], [0.0, 4.0]]
    assert shift(changes[:2], is_ai[:2], weights[:2]).tolist() == [[1.5**2, 0.0], [0.0, 0.0]]


def test_drift_is_the_covariance_of_the_units_means() -> None:
    design = np.repeat([[0.0], [2.0]], 20, axis=0)
    units = ["a"] * 20 + ["b"] * 20

    assert drift(design, np.zeros(40, np.bool_), units).tolist() == [[1.0]]
    assert drift(design[:25], np.zeros(25, np.bool_), units[:25]).tolist() == [[0.0]]  # 5 of b


def test_the_same_data_give_the_same_model() -> None:
    assert fitted().digest() == fitted().digest()
