"""Sequence classifiers: polarity is looked up or told, scores are raw, texts are read whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tiny_classifiers as tiny
import torch

from detectors.classifier.known import KNOWN
from detectors.classifier.sequence import (
    ClassifierDetector,
    ClassifierError,
    SequenceClassifier,
    machine_output,
    windows_of,
)
from detectors.model_files import LanguageModelError

TEXT = "Where the road ends, the wind has the last word; nobody here minds."
LONG = " ".join([TEXT, TEXT.upper(), TEXT[::-1]])


def ids_of(text: str) -> list[int]:
    return tiny.tokenizer()(text, add_special_tokens=False)["input_ids"]


def logits(model: Any, ids: list[int]) -> list[float]:
    with torch.inference_mode():
        return (
            model(
                input_ids=torch.tensor([[256, *ids, 257]]),
                attention_mask=torch.ones(1, len(ids) + 2, dtype=torch.long),
            )
            .logits[0]
            .tolist()
        )


def score(classifier: SequenceClassifier, text: str) -> float:
    value = ClassifierDetector(classifier).score([text])[0].value
    assert value is not None
    return value


@pytest.mark.parametrize(
    ("labels", "machine"),
    [
        (["Fake", "Real"], 0),
        (["Human", "ChatGPT"], 1),
        (["human", "machine-generated"], 1),
        (["AI", "Human"], 0),
    ],
)
def test_labels_that_say_which_is_which_are_read(labels: list[str], machine: int) -> None:
    assert machine_output(dict(enumerate(labels)), None) == machine


@pytest.mark.parametrize(
    "labels", [["LABEL_0", "LABEL_1"], ["LABEL_0"], ["AI", "GPT"], ["ai", "other"], ["POSITIVE"]]
)
def test_labels_that_do_not_say_are_refused_with_what_to_do(labels: list[str]) -> None:
    with pytest.raises(
        ClassifierError,
        match=r"do not say which output .* say machine=<place or label>, or name its outputs",
    ):
        machine_output(dict(enumerate(labels)), None)


def test_what_is_told_goes_before_the_labels() -> None:
    labels = {0: "Fake", 1: "Real"}

    assert machine_output(labels, 1) == 1
    assert machine_output(labels, "real") == 1


@pytest.mark.parametrize("told", [2, -1, "Bot"])
def test_an_output_that_is_not_there_is_refused(told: int | str) -> None:
    with pytest.raises(ClassifierError, match=r"no .*output .* \(outputs: 0: 'Fake', 1: 'Real'\)"):
        machine_output({0: "Fake", 1: "Real"}, told)


def test_the_score_is_the_log_odds_of_the_machine_output() -> None:
    model = tiny.bert(["Fake", "Real"])
    first, second = logits(model, ids_of(TEXT[:60]))

    ours = score(SequenceClassifier(model, tiny.tokenizer()), TEXT[:60])
    turned = score(SequenceClassifier(model, tiny.tokenizer(), machine=1), TEXT[:60])

    assert ours == pytest.approx(first - second, abs=1e-5)
    assert turned == -ours


def test_of_several_outputs_one_stands_against_all_others() -> None:
    model = tiny.bert(["human", "ai", "human-written"])
    values = torch.tensor(logits(model, ids_of(TEXT[:60])), dtype=torch.float64)

    ours = score(SequenceClassifier(model, tiny.tokenizer(), machine=1), TEXT[:60])

    share = values.softmax(dim=0)[1]
    assert ours == pytest.approx(float(torch.log(share / (1 - share))), abs=1e-5)


def test_one_output_is_the_score_itself() -> None:
    model = tiny.mean_head()
    [expected] = logits(model, ids_of(TEXT[:60]))

    assert score(
        SequenceClassifier(model, tiny.tokenizer(), machine=0), TEXT[:60]
    ) == pytest.approx(expected, abs=1e-5)


def test_a_long_text_is_the_mean_of_its_windows() -> None:
    model = tiny.bert(["Fake", "Real"])
    ids = ids_of(LONG)

    expected = [first - second for first, second in (
        logits(model, list(part)) for part in windows_of(ids, 64)
    )]  # fmt: skip

    ours = score(SequenceClassifier(model, tiny.tokenizer()), LONG)
    assert len(expected) == 4
    assert ours == pytest.approx(sum(expected) / 4, abs=1e-5)


def test_windows_hold_every_token_and_no_more_than_fit() -> None:
    for n in (1, 9, 10, 11, 35, 80):
        found = list(windows_of(range(n), 10))

        assert sorted({i for part in found for i in part}) == list(range(n))
        assert max(map(len, found)) <= 10


def test_a_very_long_text_is_read_in_eight_places() -> None:
    found = list(windows_of(range(1000), 10))

    assert len(found) == 8
    assert found[0][0] == 0
    assert found[-1][-1] == 999


def test_roberta_reads_two_tokens_less_than_it_has_positions() -> None:
    model = tiny.roberta(["Fake", "Real"])

    # 66 positions, two of them not for text and two for special tokens: 64 bytes are two windows.
    ids = ids_of(TEXT[:64])
    first, second = (a - b for a, b in (logits(model, part) for part in (ids[:32], ids[32:])))
    ours = score(SequenceClassifier(model, tiny.tokenizer()), TEXT[:64])
    assert ours == pytest.approx((first + second) / 2, abs=1e-5)


def test_a_folder_scores_as_the_model_that_was_saved(tmp_path: Path) -> None:
    model = tiny.bert(["Human", "AI"])
    folder = tiny.saved(model, tmp_path / "bert")

    loaded = SequenceClassifier.load(folder)

    ours = SequenceClassifier(model, tiny.tokenizer(), source=str(folder))
    assert score(loaded, TEXT) == pytest.approx(score(ours, TEXT), abs=1e-5)
    spec = ClassifierDetector.spec
    assert loaded.fingerprint(spec) == ours.fingerprint(spec)


def test_a_folder_of_a_known_classifier_is_read_as_known(tmp_path: Path) -> None:
    model = tiny.mean_head()
    folder = tiny.saved(model, tmp_path / "desklib")

    loaded = SequenceClassifier.load(folder, known="desklib/ai-text-detector-v1.01")

    assert score(loaded, TEXT[:60]) == pytest.approx(
        score(SequenceClassifier(model, tiny.tokenizer(), machine=0), TEXT[:60]), abs=1e-5
    )


def test_an_unknown_entry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match="no known classifier 'desklib'"):
        SequenceClassifier.load(tmp_path, known="desklib")


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    folder = tiny.saved(tiny.bert(["Human", "AI"]), tmp_path / "p", safe=False)

    with pytest.raises(LanguageModelError, match=r"pytorch_model\.bin, pickles that run code"):
        SequenceClassifier.load(folder)


def test_code_in_the_folder_is_not_run(tmp_path: Path) -> None:
    folder = tiny.saved(tiny.bert(["Human", "AI"]), tmp_path / "c")
    config = json.loads((folder / "config.json").read_text())
    config["model_type"] = "ours"
    config["auto_map"] = {
        "AutoConfig": "ours.Config", "AutoModelForSequenceClassification": "ours.Model"
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "ours.py").write_text("raise SystemExit('ran')")

    with pytest.raises(ClassifierError, match="no sequence classifier"):
        SequenceClassifier.load(folder)


def test_other_weights_or_polarity_are_another_fingerprint() -> None:
    spec = ClassifierDetector.spec
    prints = {
        SequenceClassifier(tiny.bert(["a", "b"], seed=seed), tiny.tokenizer(), machine=machine)
        .fingerprint(spec)
        for seed, machine in ((0, 0), (0, 1), (1, 0))
    }  # fmt: skip

    assert len(prints) == 3


def test_what_is_known_names_an_output_and_where_it_is_seen() -> None:
    for name, known in KNOWN.items():
        assert name.count("/") == 1
        assert known.seen_in
        assert known.machine in (0, 1) or isinstance(known.machine, str)
    assert KNOWN["openai-community/roberta-base-openai-detector"].machine == 0
    assert KNOWN["Hello-SimpleAI/chatgpt-detector-roberta"].machine == 1
