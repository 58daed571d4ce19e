"""`train` checks what is asked before it starts, and writes what was trained."""

from __future__ import annotations

import gzip
from pathlib import Path

import labelled
import pytest
from click.testing import CliRunner

from detectors.calibration import Calibration
from detectors.classifier.encoder import EncoderDetector, EncoderModel
from detectors.classifier.examples import write_jsonl
from detectors.classifier.linear import LinearDetector, LinearModel
from provenance import api
from provenance.cli.main import cli
from provenance.engines.train import load_config
from provenance.errors import InputError, RequestError

LINEAR = """\
detector: linear
seed: 1
folds: 2
max_per_group: 50
allowed: {languages: [en], licences: {human/web: CC0, bots0: MIT, bots1: MIT}}
fit: {iterations: 5}
cell_rule: {min_human: 20, min_sources: 1, min_per_source: 2, min_ai: 10}
"""
ENCODER = LINEAR.replace("detector: linear", "detector: encoder").replace(
    "fit: {iterations: 5}",
    "fit: {steps: 4, width: 16, layers: 1, heads: 2, lengths: [32, 48], batch_tokens: 384}",
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    write_jsonl(labelled.examples(60), folder / "e.jsonl.gz")
    return folder


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(LINEAR)
    return path


def refused(config: Path, text: str) -> list[str]:
    config.write_text(text)
    with pytest.raises(RequestError) as caught:
        load_config(config)
    return [str(problem).replace(str(config), "config.yaml") for problem in caught.value.problems]


def test_a_linear_detector_is_trained(data: Path, config: Path, tmp_path: Path) -> None:
    result = api.train(config, data=data, out=tmp_path / "out")

    detector = LinearDetector(LinearModel.load(result.weights))
    stored = Calibration.load(result.calibration_file, fingerprint=detector.fingerprint)
    assert len(stored.cells) == len(result.calibration.cells) == 2
    assert (result.n_human, result.n_ai) == (60, 60)
    assert "| bots0 | bots0 | ai | en | 30 | MIT |" in result.card.read_text()


def test_an_encoder_is_trained_twice_to_the_same_bytes(
    data: Path, config: Path, tmp_path: Path
) -> None:
    config.write_text(ENCODER)

    first, again = (api.train(config, data=data, out=tmp_path / name) for name in ("a", "b"))

    detector = EncoderDetector(EncoderModel.load(first.weights))
    Calibration.load(first.calibration_file, fingerprint=detector.fingerprint)
    assert detector.fingerprint.weights == EncoderModel.load(again.weights).digest()
    assert first.calibration_file.read_bytes() == again.calibration_file.read_bytes()
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        "encoder.calibration.json",
        "encoder.md",
        "encoder.npz",
    ]


def test_the_command_says_what_was_made(data: Path, config: Path, tmp_path: Path) -> None:
    arguments = ["train", str(config), "--data", str(data), "--out", str(tmp_path / "out")]

    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)

    assert result.output.splitlines() == [
        "trained linear on 60 human and 60 machine texts",
        "calibrated in 2 cells, 120 human texts",
        f"wrote {tmp_path / 'out' / 'linear.npz'}, linear.calibration.json, linear.md",
    ]


def test_every_problem_of_a_configuration_is_told_at_once(config: Path) -> None:
    text = LINEAR.replace("seed: 1", "sed: 1").replace("folds: 2", "folds: many")
    text = text.replace("iterations: 5", "iterations: 5, l2_ngram: 1")

    problems = refused(config, text)

    assert problems[:2] == [
        "config.yaml:2: unknown key 'sed'; did you mean 'seed'? (accepted: detector, seed, folds, "
        "max_per_group, allowed, fit, cell_rule, max_windows)",
        "config.yaml:1: lacks the key 'seed'",
    ]
    assert problems[2].startswith("config.yaml:3: folds is 'many': it must be")
    assert problems[3].startswith(
        "config.yaml:6: unknown key 'l2_ngram'; did you mean 'l2_ngrams'? (accepted: l2_ngrams"
    )
    assert len(problems) == 4


def test_an_unknown_kind_of_detector_suggests_the_nearest(config: Path) -> None:
    assert refused(config, LINEAR.replace("linear", "liner")) == [
        "config.yaml:1: detector is 'liner'; did you mean 'linear'? "
        "(accepted: linear, stylometry, encoder)"
    ]


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ("heads: 2", "fit: width 16 is no multiple of 6, twice heads"),
        ("steps: 4", "fit: steps, layers, heads and batch_tokens must be 1 or more"),
        ("lengths: [32, 48]", "fit: lengths must be from 1 to 256 tokens"),
    ],
)
def test_values_that_do_not_go_together_are_told(config: Path, given: str, what: str) -> None:
    wrong = {"heads: 2": "heads: 3", "steps: 4": "steps: 0"}.get(given, "lengths: [32, 257]")

    assert refused(config, ENCODER.replace(given, wrong)) == [f"config.yaml:6: {what}"]


@pytest.mark.parametrize("text", ["", "- a list", "detector: [linear]", "a: &a 1"])
def test_what_is_no_configuration_is_refused(config: Path, text: str) -> None:
    assert len(refused(config, text)) == 1


def test_numbers_may_be_written_as_yaml_likes(config: Path) -> None:
    config.write_text(LINEAR.replace("iterations: 5", "l2_ngrams: 1e-4, l2_style: 1"))

    assert load_config(config).fit.l2_ngrams == 1e-4


def test_a_data_set_that_is_not_there_is_told(data: Path, config: Path, tmp_path: Path) -> None:
    config.write_text(LINEAR.replace("bots1: MIT", "bots1: MIT, bots9: MIT"))

    with pytest.raises(InputError, match="holds no text of 'bots9' that the configuration allows"):
        api.train(config, data=data, out=tmp_path / "out")


def test_data_that_is_no_data_is_told(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(b"{}\n", mtime=0))

    with pytest.raises(InputError, match="no labelled texts: KeyError"):
        api.train(config, data=folder, out=tmp_path / "out")
    with pytest.raises(InputError, match="no folder"):
        api.train(config, data=tmp_path / "nowhere", out=tmp_path / "out")


def test_a_fold_must_leave_texts_of_both_labels(data: Path, config: Path, tmp_path: Path) -> None:
    config.write_text(LINEAR.replace("folds: 2", "folds: [[bots0, bots1], [site0]]"))

    with pytest.raises(InputError, match="fold 1 leaves no ai text to train on"):
        api.train(config, data=data, out=tmp_path / "out")


def test_a_fold_that_holds_nothing_is_told(data: Path, config: Path, tmp_path: Path) -> None:
    config.write_text(LINEAR.replace("folds: 2", "folds: [[site0, sit1]]"))

    with pytest.raises(InputError, match="'sit1' of a fold is in no text; did you mean 'site1'"):
        api.train(config, data=data, out=tmp_path / "out")
