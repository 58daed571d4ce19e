"""Labelled texts become calibrations of every detector, by one pass of the model over each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from crawls import prose
from tiny_models import language_model, save

from detectors.calibrate import CellRule
from detectors.calibration import Calibration, fingerprint_of
from detectors.classifier.examples import Allowed, Example, write_jsonl
from detectors.language_model import LanguageModel
from detectors.perplexity.calibrating import Options, beginnings, calibrations, main, select
from detectors.perplexity.perplexity import Perplexity
from detectors.reading import Reading

RULE = CellRule(min_human=20, min_sources=3, min_per_source=5, min_ai=10)
OPTIONS = Options(0, 12, Allowed({"human/a": "CC0", "machines": "MIT"}, ["en"]), RULE)


def examples() -> list[Example]:
    """Human texts of four sources, machine texts in capitals, and what may not be used."""
    human = [Example(prose(i), "human", "en", "human/a", f"s{i % 4}") for i in range(60)]
    ai = [
        Example(prose(500 + i).upper(), "ai", "en", "machines", "machines", generator="g")
        for i in range(30)
    ]
    foreign = [Example(prose(99), "human", "en", "secret", "secret"),
               Example(prose(98), "human", "de", "human/a", "s1")]  # fmt: skip
    return human + ai + foreign


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return language_model(reading=Reading(width=200, overlap=64))


def test_only_what_may_be_used_is_and_no_group_drowns_the_others() -> None:
    chosen = select(examples(), OPTIONS)

    assert {one.group for one in chosen} == {"s0", "s1", "s2", "s3", "machines:g"}
    assert [sum(one.group == name for one in chosen) for name in ("s0", "machines:g")] == [12, 12]


def test_a_beginning_is_scored_as_if_it_stood_alone(model: LanguageModel) -> None:
    one = examples()[0]

    for _, statistics in beginnings(model, [one], seed=0):
        n = len(statistics.log_likelihood)
        if n < 200:  # within the first window
            (alone,) = model.statistics_of_ids([model.encode([one.text])[0][: n + 1]])
            np.testing.assert_allclose(statistics.log_likelihood, alone.log_likelihood, atol=1e-4)
            assert statistics.n_distinct == alone.n_distinct


def test_every_detector_gets_the_cells_that_its_texts_allow(model: LanguageModel) -> None:
    made = calibrations(model, examples(), OPTIONS, ["perplexity", "lrr"])

    assert [one.fingerprint.detector for one in made] == ["perplexity", "lrr"]
    assert made[0].fingerprint == fingerprint_of(Perplexity(model))
    assert {(cell.language, cell.unit) for cell in made[0].cells} == {("en", "sources")}
    assert all(cell.n_human >= 20 and len(cell.sources) >= 3 for cell in made[0].cells)


def test_too_few_sources_leave_no_cell(model: LanguageModel) -> None:
    strict = Options(0, 12, OPTIONS.allowed, CellRule(min_human=20, min_sources=5, min_ai=10))

    (made,) = calibrations(model, examples(), strict, ["perplexity"])

    assert made.cells == ()


def test_the_command_writes_a_file_per_detector(tmp_path: Path) -> None:
    folder = save(tmp_path / "tiny")
    (tmp_path / "data").mkdir()
    write_jsonl(examples(), tmp_path / "data" / "all.jsonl.gz")
    config = {
        "detector": "linear", "seed": 0, "max_per_group": 8,
        "allowed": {"languages": ["en"], "licences": {"human/a": "CC0", "machines": "MIT"}},
        "cell_rule": {"min_human": 20, "min_sources": 3, "min_per_source": 5, "min_ai": 8},
    }  # fmt: skip
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(config))

    main([str(tmp_path / "c.yaml"), "--data", str(tmp_path / "data"), "--model", str(folder),
          "--detectors", "perplexity", "--out", str(tmp_path / "out")])  # fmt: skip

    made = Calibration.load(tmp_path / "out" / "tiny.perplexity.calibration.json")
    assert made.fingerprint == fingerprint_of(Perplexity(LanguageModel.load(folder)))
    assert made.cells
