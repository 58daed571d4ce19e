"""Detectors by name, model, import or object; everything wrong is said at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import benched
import pytest
import tiny_classifiers
import tiny_models

from detectors.calibration import DEFAULT
from detectors.classifier.linear import LinearDetector
from provenance.engines.bench.contestants import contestants
from provenance.engines.bench.scoring import folder_name
from provenance.errors import InputError


def test_a_registered_detector_comes_with_the_calibration_made_for_it() -> None:
    (linear,) = contestants(["linear"])

    assert linear.name == "linear"
    assert linear.fingerprint["weights"] == LinearDetector().fingerprint.weights
    assert linear.calibration is not None
    assert linear.calibration.cells


def test_functions_classes_and_objects_are_detectors() -> None:
    by_path, by_class, by_object, by_function = contestants(
        ["benched:said", "benched:Said", benched.Said(), benched.raises_on_boom]
    )

    assert [one.name for one in (by_path, by_class, by_object, by_function)] == [
        "benched:said", "benched:Said", "said", "benched:raises_on_boom",
    ]  # fmt: skip
    assert by_path.detector.score(["1.5 two three"])[0].value == 1.5
    assert by_path.detector.score(["1.5 two three"])[0].n_tokens == 3
    assert by_class.detector.score(["none"])[0].reason == "says_none"
    assert by_function.calibration is None


def test_the_source_of_a_function_is_part_of_its_fingerprint(tmp_path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "benched_one.py").write_text("def f(texts): return [0.0 for _ in texts]\n")
    (tmp_path / "benched_two.py").write_text("def f(texts): return [1.0 for _ in texts]\n")

    one, two = contestants(["benched_one:f", "benched_two:f"])

    assert one.fingerprint["source_sha256"] != two.fingerprint["source_sha256"]


def test_a_classifier_is_named_with_its_folder(tmp_path: Path) -> None:
    folder = tiny_classifiers.saved(tiny_classifiers.bert(["Human", "AI"]), tmp_path / "bert")

    (one,) = contestants([f"classifier@{folder}"])

    assert one.name == f"classifier@{folder}"
    assert one.detector.score(["word " * 30])[0].value is not None
    assert one.model is None
    assert one.fingerprint["weights"]


def test_a_classifier_whose_labels_say_nothing_is_refused(tmp_path: Path) -> None:
    model = tiny_classifiers.bert(["LABEL_0", "LABEL_1"])
    folder = tiny_classifiers.saved(model, tmp_path / "bert")

    with pytest.raises(InputError, match="do not say which output means machine text"):
        contestants([f"classifier@{folder}"])


def test_detectors_of_one_model_share_its_pass(tmp_path: Path) -> None:
    folder = tiny_models.save(tmp_path / "tiny")

    one, two = contestants([f"perplexity@{folder}", f"lrr@{folder}"])

    assert one.model is two.model is not None
    text = "The committee will publish its report at the end of the month, the chairman said."
    alone = one.detector.score([text])
    before = one.model.charged_seconds
    two.detector.score([text])
    assert one.model.charged_seconds > before
    assert one.detector.score([text]) == alone
    assert one.fingerprint["weights"] == two.fingerprint["weights"]
    assert one.fingerprint != two.fingerprint


def test_a_pair_of_models_is_scoring_plus_sampling(tmp_path: Path) -> None:
    scoring, sampling = (tiny_models.save(tmp_path / name, seed=k) for k, name in enumerate("ab"))

    (pair,) = contestants([f"binoculars@{scoring}+{sampling}"])

    assert [len(one) for one in pair.fingerprint["weights"].split()] == [64, 64]


def test_a_device_that_is_not_here_is_refused(tmp_path: Path) -> None:
    fake = tiny_classifiers.saved(tiny_classifiers.bert(["Real", "Fake"]), tmp_path / "classifier")

    with pytest.raises(InputError) as raised:
        contestants(["linear", "lrr@smollm2-135m", f"classifier@{fake}"], device="cuda:99")

    assert str(raised.value).count("no device 'cuda:99' (found here: cpu") == 2


def test_scores_of_another_device_are_kept_apart() -> None:
    (one,) = contestants(["linear"], device="cuda")
    moved = replace(one, device="cuda")

    assert one.scored_by == one.fingerprint
    assert folder_name(moved.scored_by) != folder_name(one.scored_by)


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    calibration = tmp_path / "broken.json"
    calibration.write_text("{}")

    with pytest.raises(InputError) as caught:
        contestants(
            ["linaer", "linear@x", "perplexity", "binoculars@/no/model", "no_module:f",
             "benched:no", "benched:WORDS", "linear", "linear"],
            calibrations=[calibration],
        )  # fmt: skip

    said = [str(problem) for problem in caught.value.problems]
    for part in (
        "did you mean 'linear'?", "linear needs no model", "perplexity needs a model",
        "a pair is SCORING+SAMPLING", "No module named 'no_module'", "has no attribute 'no'",
        "is neither a detector", "'linear' is given twice", "broken.json: no calibration",
    ):  # fmt: skip
        assert any(part in one for one in said), part


def test_a_calibration_for_a_detector_that_is_not_asked_for_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(DEFAULT.read_text().replace('"version":"1"', '"version":"0"', 1))

    with pytest.raises(InputError, match="was made for linear 0, which is not among"):
        contestants(["linear"], calibrations=[other])


def test_a_module_that_fails_to_load_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "benched_broken.py").write_text("raise RuntimeError('no licence key')\n")

    with pytest.raises(InputError, match="benched_broken:f: RuntimeError: no licence key"):
        contestants(["benched_broken:f"])


def test_no_detector_at_all_is_refused() -> None:
    with pytest.raises(InputError, match="none was given"):
        contestants([])
