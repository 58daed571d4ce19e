"""The linear detector's column in a batch: scores, readings, and honest silence."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import tiny_classifiers
from crawls import prose
from tiny_models import save

from detectors.calibration import Calibration
from detectors.classifier.linear import LinearDetector
from detectors.classifier.sequence import ClassifierDetector, SequenceClassifier
from detectors.lineup import Group
from detectors.perplexity.binoculars import Binoculars
from detectors.perplexity.perplexity import Perplexity
from detectors.steady import SteadyModel
from provenance import batch
from provenance.errors import InputError
from provenance.stages.detect import Detect, describe

SCHEMA = batch.schema(["text", "lang"])
TEXTS = [prose(1), None, "Too short to say.", prose(2), ""]
LANGS = ["en", None, "en", "fi", "en"]


LINEAR = Group(("linear",))


def detected(**parameters: Any) -> pa.RecordBatch:
    given = {"groups": [asdict(LINEAR)], **parameters}
    return Detect(**given)(pa.record_batch([TEXTS, LANGS], schema=SCHEMA))


def test_silence_has_its_reason() -> None:
    assert detected().column("abstained_linear").to_pylist() == [
        None,
        "no_text",
        "too_short",
        "not_calibrated",
        "degenerate",
    ]


def test_a_language_without_a_reference_is_not_scored() -> None:
    result = detected()

    for name in ("score_linear", "tokens_linear", "llr", "llr_low", "llr_high", "human_tail"):
        valid = result.column(name).is_valid().to_pylist()
        assert valid[:1] + valid[3:] == [True, False, name == "tokens_linear"]


def test_a_score_without_a_reference_stays_a_score(tiny: Group) -> None:
    result = detected(groups=[asdict(tiny)])

    scored = [True, False, False, True, False]
    assert result.column("score_perplexity").is_valid().to_pylist() == scored
    assert result.column("llr").is_valid().to_pylist() == [False] * 5


def test_the_columns_are_the_detectors_own_numbers() -> None:
    (score,) = LinearDetector().score([prose(1)])
    assert score.value is not None
    reading = Calibration.load().read(score.value, "en", score.n_tokens)

    row = detected().slice(0, 1).to_pylist()[0]

    assert reading is not None
    assert row["score_linear"] == score.value
    assert abs(row["llr"] - reading.llr) < 1e-5
    assert abs(row["human_tail"] - reading.human_tail) < 1e-6


def test_a_batch_of_nothing_is_a_batch_of_nothing() -> None:
    assert (
        Detect(groups=[asdict(LINEAR)])(pa.RecordBatch.from_pylist([], schema=SCHEMA)).num_rows == 0
    )


def test_a_detector_alone_has_the_whole_of_the_ratio() -> None:
    result = detected()

    assert result.column("part_linear").equals(result.column("llr"))
    assert result.column("abstained").equals(result.column("abstained_linear"))


@pytest.fixture
def tiny(tmp_path: Path) -> Group:
    """A language model from a folder, and two detectors that read it."""
    return Group(("perplexity", "fast_detect"), str(save(tmp_path / "model")))


def test_detectors_of_a_language_model_add_their_columns(tiny: Group) -> None:
    result = detected(groups=[asdict(tiny), asdict(LINEAR)])

    model = SteadyModel.load(str(tiny.language_model))
    (score,) = Perplexity(model).score([prose(1)])
    assert result.column("score_perplexity")[0].as_py() == pytest.approx(score.value)
    assert result.column("tokens_fast_detect")[0].as_py() == score.n_tokens
    assert result.column("abstained_perplexity").to_pylist() == [
        "not_calibrated", "no_text", "too_short", "not_calibrated", "degenerate",
    ]  # fmt: skip


def test_columns_stand_in_order_of_cost_before_what_they_say_together(tiny: Group) -> None:
    stage = Detect(groups=[asdict(tiny), asdict(LINEAR)])

    names = batch.schema(["text", *stage.adds]).names

    scores = [name for name in names if name.startswith("score_")]
    assert scores == ["score_linear", "score_perplexity", "score_fast_detect"]
    assert names.index("abstained_fast_detect") < names.index("llr")
    assert list(stage.adds) == names[1:]


def test_a_detector_without_a_calibration_changes_nothing_but_its_columns(tiny: Group) -> None:
    alone, beside = detected(), detected(groups=[asdict(LINEAR), asdict(tiny)])

    for name in (*batch.added_by("fuse"), "score_linear", "part_linear"):
        assert beside.column(name).equals(alone.column(name))
    assert beside.column("part_perplexity").null_count == len(TEXTS)


def test_a_batch_of_one_scores_as_a_batch_of_all(tiny: Group) -> None:
    stage = Detect(groups=[asdict(LINEAR), asdict(tiny)])
    rows = pa.record_batch([TEXTS, LANGS], schema=SCHEMA)

    apart = [stage(rows.slice(i, 1)) for i in range(len(TEXTS))]

    assert (
        pa.Table.from_batches(apart).combine_chunks().equals(pa.Table.from_batches([stage(rows)]))
    )


def test_a_pair_and_a_classifier_score_beside_the_others(tiny: Group, tmp_path: Path) -> None:
    scoring = str(tiny.language_model)
    pair = Group(("binoculars",), scoring, str(save(tmp_path / "other", seed=1)))
    fake = tiny_classifiers.saved(tiny_classifiers.bert(["Real", "Fake"]), tmp_path / "classifier")
    groups = [tiny, pair, Group(("classifier",), classifier=str(fake))]

    described = json.loads(json.dumps(describe(groups)))
    result = detected(**described)

    model = SteadyModel.load(scoring, sampling=pair.sampling_model)
    (score,) = Binoculars(model).score([prose(1)])
    (judged,) = ClassifierDetector(SequenceClassifier.load(fake)).score([prose(1)])
    assert result.column("score_binoculars")[0].as_py() == pytest.approx(score.value)
    assert result.column("score_classifier")[0].as_py() == pytest.approx(judged.value)
    models = described["facts"]["language_models"]
    other = SteadyModel.load(str(pair.sampling_model)).facts["digest"]
    assert models[scoring]["sampling"] is None
    assert models[pair.source]["sampling"]["digest"] == other != models[pair.source]["digest"]


def test_a_pair_of_which_one_changed_since_the_plan_was_made_is_refused(tmp_path: Path) -> None:
    names = [str(save(tmp_path / f"model{seed}", seed=seed)) for seed in range(2)]
    described = json.loads(json.dumps(describe([Group(("binoculars",), *names)])))
    save(Path(names[1]), seed=2)

    with pytest.raises(InputError, match="no longer the one that this run began with"):
        detected(**described)


def test_a_device_that_is_not_here_is_one_message(tiny: Group) -> None:
    with pytest.raises(InputError, match=r"no device 'cuda:99' \(found here: cpu"):
        describe([replace(tiny, device="cuda:99")])


def test_the_plan_says_what_the_scores_depend_on(tiny: Group) -> None:
    described = describe([LINEAR, tiny])

    facts = json.loads(json.dumps(described))["facts"]
    (model,) = facts["language_models"].values()
    assert [one["name"] for one in facts["detectors"]] == ["linear", "perplexity", "fast_detect"]
    assert facts["detectors"][0]["fingerprint"] == asdict(LinearDetector().fingerprint)
    assert (model["width"], model["overlap"], model["bos"]) == (256, 128, [])
    assert len(model["digest"]) == 64


def test_a_model_that_changed_since_the_plan_was_made_is_refused(tiny: Group) -> None:
    described = json.loads(json.dumps(describe([tiny])))
    save(Path(str(tiny.language_model)), seed=1)

    with pytest.raises(InputError, match="no longer the one that this run began with"):
        detected(**described)


def test_a_model_that_cannot_be_loaded_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no \*\.safetensors in it"):
        describe([Group(("perplexity",), str(tmp_path))])


def test_the_default_detectors_load_no_torch() -> None:
    """Whoever asks for no language model does not wait for one."""
    check = (
        "import sys, pyarrow as pa\n"
        "from provenance import batch\n"
        "from provenance.stages.detect import Detect\n"
        "Detect()(pa.record_batch([['a text'], ['en']], schema=batch.schema(['text', 'lang'])))\n"
        "print('torch' in sys.modules)"
    )

    result = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "False"
