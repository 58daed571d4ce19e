"""Nothing is lost or reordered, and the next batch is begun before the last is read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import tiny_models
import torch
from hypothesis import given
from hypothesis import strategies as st

from detectors import language_model
from detectors.ahead import one_behind, sent
from detectors.language_model import Reading

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

    monkeypatch.setattr(language_model, "one_behind", lambda made: made)

    for ours, plain in zip(ahead, scorer.statistics(TEXTS), strict=True):
        assert ours.log_likelihood.tolist() == plain.log_likelihood.tolist()
        assert ours.rank.tolist() == plain.rank.tolist()


def test_the_next_batch_is_begun_before_the_last_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = tiny_models.language_model(reading=Reading(batch_tokens=100))
    log: list[str] = []
    begin, read = scorer.hidden, language_model._Columns.put
    monkeypatch.setattr(scorer, "hidden", lambda *given: (log.append("begun"), begin(*given))[1])
    monkeypatch.setattr(
        language_model._Columns, "put", lambda *given: (log.append("read"), read(*given))[1]
    )

    scorer.statistics(TEXTS)

    n = log.count("read")
    assert n > 2
    assert log == ["begun", *["begun", "read"] * (n - 1), "read"]


def test_on_a_cpu_nothing_is_copied() -> None:
    values = torch.arange(3)

    assert sent(values, torch.device("cpu")) is values
