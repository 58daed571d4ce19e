"""Nothing is lost or reordered, and the next batch is begun before the last is read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import tiny_models
import torch
from hypothesis import given
from hypothesis import strategies as st

from detectors import scorer as scorer_module
from detectors.ahead import Stock, one_behind, sent
from detectors.reading import Reading

TEXTS = [f"Text number {i} says {'very ' * i}little." for i in range(12)]


@given(values=st.lists(st.integers()))
def test_everything_comes_in_order(values: list[int]) -> None:
    assert list(one_behind(iter(values))) == values


def test_each_comes_when_the_next_is_made_and_no_later() -> None:
    log: list[str] = []

    def made() -> Iterator[int]:
        for i in range(3):
            log.append(f"made {i}")
            yield i

    for i in one_behind(made()):
        log.append(f"read {i}")

    assert log == ["made 0", "made 1", "read 0", "made 2", "read 1", "read 2"]


def test_scores_are_those_of_batches_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = tiny_models.language_model(reading=Reading(batch_tokens=100))
    ahead = scorer.statistics(TEXTS)

    monkeypatch.setattr(scorer_module, "one_behind", lambda made: made)

    for ours, plain in zip(ahead, scorer.statistics(TEXTS), strict=True):
        assert ours.log_likelihood.tolist() == plain.log_likelihood.tolist()
        assert ours.rank.tolist() == plain.rank.tolist()


def test_the_next_batch_is_begun_before_the_last_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = tiny_models.language_model(reading=Reading(batch_tokens=100))
    log: list[str] = []
    begin, read = scorer.hidden, scorer_module.Columns.put
    monkeypatch.setattr(scorer, "hidden", lambda *given: (log.append("begun"), begin(*given))[1])
    monkeypatch.setattr(
        scorer_module.Columns, "put", lambda *given: (log.append("read"), read(*given))[1]
    )

    scorer.statistics(TEXTS)

    n = log.count("read")
    assert n > 2
    assert log == ["begun", *["begun", "read"] * (n - 1), "read"]


def test_texts_encoded_ahead_score_as_texts_encoded_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = tiny_models.language_model(reading=Reading(batch_tokens=50)).statistics(TEXTS * 3)
    scorer = tiny_models.language_model(reading=Reading(batch_tokens=50))
    log: list[str] = []
    begin, encode = scorer.hidden, scorer.encode
    monkeypatch.setattr(scorer_module, "_ENCODED_AHEAD", {"cpu"})
    monkeypatch.setattr(scorer, "hidden", lambda *given: (log.append("begun"), begin(*given))[1])
    monkeypatch.setattr(scorer, "encode", lambda texts: (log.append("encoded"), encode(texts))[1])

    made = scorer.statistics(TEXTS * 3)

    for ours, theirs in zip(made, plain, strict=True):
        np.testing.assert_allclose(ours.log_likelihood, theirs.log_likelihood, rtol=0, atol=1e-4)
    assert log[:5] == ["encoded", "begun", "encoded", "encoded", "begun"]


@given(sizes=st.lists(st.integers(1, 5)), most=st.integers(1, 4), steps=st.lists(st.integers(0, 3)))
def test_a_stock_loses_nothing_and_keeps_order(
    sizes: list[int], most: int, steps: list[int]
) -> None:
    stock = Stock(iter(sizes), most=most)
    taken: list[int] = []
    for step in steps:
        stock.fill(step)
        parts = stock.take()
        assert len(parts) <= most
        taken += parts
    while parts := stock.take():
        taken += parts

    assert taken == sizes


def test_a_stock_makes_no_more_than_it_has_room_for() -> None:
    made: list[int] = []
    stock = Stock((made.append(i) or i for i in range(9)), most=3)

    stock.fill(2)
    stock.fill(2)

    assert made == [0, 1, 2]
    assert stock.take() == [0, 1, 2]


def test_on_a_cpu_nothing_is_copied() -> None:
    values = torch.arange(3)

    assert sent(values, torch.device("cpu")) is values
