"""A policy names its detectors; what is wrong with the names is said with the nearest right one."""

from __future__ import annotations

from pathlib import Path

import pytest

from detectors.lineup import Group, default_groups
from provenance.errors import PolicyError
from provenance.policy.detectors import groups
from provenance.policy.load import parse
from provenance.policy.predicates import faults

FAULTY = """\
version: 1
detectors:
  - liner
  - linear
  - {language_model: smollm2-135M, detectors: [perplexity, linear]}
  - perplexity
  - {language_model: smollm2-135m, detectors: [binoculars, gltrr], dtype: float32}
  - {language_model: smollm2-135m}
"""

MESSAGES = """\
p:3: detectors[0]: no detector 'liner'; did you mean 'linear'?
p:5: detectors[2].language_model: no language model 'smollm2-135M': no preset, file, folder or \
hub id; did you mean 'smollm2-135m'?
p:5: detectors[2].detectors[1]: detector 'linear' is named twice
p:6: detectors[3]: detector 'perplexity' is named twice
p:7: detectors[4].detectors[0]: detector 'binoculars' reads a pair of language models: \
{language_model: qwen2.5-0.5b, sampling_model: Qwen/Qwen2.5-0.5B, detectors: [binoculars]}
p:7: detectors[4].detectors[1]: no detector 'gltrr'; did you mean 'gltr'?
p:7: unknown key 'dtype' in detectors[4] (accepted: detectors, \
language_model, sampling_model, classifier, device)
p:8: detectors[5] lacks the key 'detectors'"""


def message(text: str) -> str:
    with pytest.raises(PolicyError) as raised:
        parse(text, name="p")
    return str(raised.value)


def test_names_and_groups_become_groups() -> None:
    policy = parse(
        "version: 1\n"
        "detectors: [linear, {language_model: smollm2-135m, detectors: [perplexity, lrr]}]\n"
    )

    assert groups(policy.detectors) == (
        Group(("linear",)),
        Group(("perplexity", "lrr"), "smollm2-135m"),
    )


def test_pairs_classifiers_and_devices_are_named_too() -> None:
    policy = parse(
        "version: 1\n"
        "detectors:\n"
        "  - {language_model: a/b, sampling_model: a/c, detectors: [binoculars], device: 'cuda:1'}"
        "\n"
        "  - {classifier: a/d, detectors: [classifier]}\n"
        "  - {language_model: qwen2.5-0.5b, detectors: [lrr]}\n"
    )

    assert groups(policy.detectors) == (
        Group(("binoculars",), "a/b", "a/c", device="cuda:1"),
        Group(("classifier",), classifier="a/d"),
        Group(("lrr",), "qwen2.5-0.5b"),
    )


def test_without_a_choice_the_detectors_that_need_no_torch_are_asked() -> None:
    assert groups(parse("version: 1\n").detectors) == default_groups()
    assert default_groups() == (Group(("linear",)), Group(("stylometry",)))


def test_every_fault_is_named_with_its_line() -> None:
    assert message(FAULTY) == MESSAGES


@pytest.mark.parametrize(
    ("chosen", "what"),
    [
        ("[]", "detectors is a list: tuple should have at least 1 item"),
        ("linear", "detectors is 'linear': it must be a list"),
        ("[perplexity]", "detector 'perplexity' reads one language model"),
        ("[{language_model: a/b, detectors: [linear]}]", "detector 'linear' reads no model"),
        ("[{classifier: a/b, detectors: [lrr]}]", "detector 'lrr' reads one language model"),
        ("[{classifier: " + "a" * 400 + ", detectors: [classifier]}]", "no classifier 'aaa"),
        ("[{classifier: ab, detectors: [classifier]}]", "no classifier 'ab': no folder or hub id"),
        (
            "[{classifier: a/b, language_model: a/b, detectors: [classifier]}]",
            "reads a classifier or a language model, not both",
        ),
        (
            "[{language_model: a/b, sampling_model: a/c, detectors: [lrr]}]",
            "detector 'lrr' reads one language model: {language_model: smollm2-135m",
        ),
        (
            "[{language_model: qwen2.5-0.5b, detectors: [binoculars, lrr]}]",
            "detector 'lrr' reads one language model",
        ),
        (
            "[{sampling_model: a/c, detectors: [linear]}]",
            "sampling_model: says nothing without the key 'language_model'",
        ),
        ("[{detectors: [linear], device: cuda}]", "device: is for groups that read a model"),
        (
            "[{language_model: a/b, detectors: [lrr], device: gpu}]",
            "device is 'gpu': it must be cpu, cuda,",
        ),
        ("[{detectors: [linear], language_model: 3}]", "it must be a valid string"),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused(chosen: str, what: str) -> None:
    assert what in message(f"version: 1\ndetectors: {chosen}\n")


def test_a_faulty_group_is_no_empty_list() -> None:
    text = "version: 1\ndetectors: [{language_model: a/b, detectors: [lrr], device: gpu}]\n"

    assert message(text).count("\n") == 0


def test_a_folder_is_a_language_model(tmp_path: Path) -> None:
    text = f"version: 1\ndetectors: [{{language_model: {tmp_path}, detectors: [lrr]}}]\n"

    assert groups(parse(text).detectors) == (Group(("lrr",), str(tmp_path)),)


def test_predicates_may_read_the_columns_of_every_registered_detector() -> None:
    assert faults(["score_linear > 1", "tokens_lrr < 5 and abstained_gltr is null"]) == [None, None]


def test_a_column_of_no_detector_has_the_nearest_name() -> None:
    (fault,) = faults(["score_liner > 1"])

    assert fault is not None
    assert (fault.what, fault.suggestion) == ("no column 'score_liner'", "score_linear")
