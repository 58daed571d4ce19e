"""The end of a document's story: rules that counted, and rules that did not."""

from __future__ import annotations

from typing import Any

import pytest

from provenance.report.sentences import _content, _verdict

RULES = {"too_short": "n_chars < 200", "poor_form": "quality_form < 0.9 and not is_keeper"}


def facts(**changed: Any) -> dict[str, Any]:
    kept = {"decision": "keep", "reasons": [], "protected": False, "weight": 1.0, "epochs": 1,
            "stratum": None, "n_chars": 87, "quality_form": 0.8765, "is_keeper": False}  # fmt: skip
    return {**kept, **changed}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ["KEPT"]),
        ({"stratum": "web", "epochs": 3}, ["KEPT in stratum web, 3 times"]),
        (
            {"decision": "drop", "reasons": ["too_short", "poor_form"]},
            ["DROPPED: too_short: policy: n_chars < 200 (n_chars 87)",
             "DROPPED: poor_form: policy: quality_form < 0.9 and not is_keeper"
             " (quality_form 0.8765)"],
        ),
        (
            {"decision": "drop", "reasons": ["over_host_cap"]},
            ["DROPPED: over_host_cap: its host had reached the cap of the mix"],
        ),
    ],
)  # fmt: skip
def test_a_decision_names_every_rule_and_the_numbers_it_read(
    changed: dict[str, Any], expected: list[str]
) -> None:
    assert _verdict(facts(**changed), RULES) == expected


def test_a_protected_document_was_spared_by_rules_and_dropped_by_the_mix() -> None:
    """Once every reason read "DROPPED", those that protection had waived included."""
    one = facts(decision="drop", reasons=["poor_form", "over_budget"], protected=True, weight=2.5)

    spared, weight, dropped = _verdict(one, RULES)

    assert spared.startswith("spared as one of the rarest human documents: poor_form: ")
    assert weight == "weighs 2.50 in sampling, for its rarity"
    assert dropped == "DROPPED: over_budget: its stratum had reached its share of the token budget"


def test_a_value_that_is_unknown_is_left_out() -> None:
    one = facts(decision="drop", reasons=["too_short"], n_chars=None)

    assert _verdict(one, RULES) == ["DROPPED: too_short: policy: n_chars < 200"]


def test_what_was_left_out_of_a_text_is_told_with_or_without_one() -> None:
    masked = {"kind": "masked_synthetic", "detail": "1,234 characters of elements"}
    other = {"kind": "capture_date", "detail": "2024"}
    text = {"lang": "en", "n_tokens": 2, "duplicate_of": None}
    said = "left out of the text: 1,234 characters of elements"

    assert _content({**text, "evidence": [other, masked]}) == ["language en, 2 tokens", said]
    assert _content(text) == ["language en, 2 tokens"]
    assert _content({"no_text_reason": "all_masked", "evidence": [masked]}) == [
        "no text: its page declares all of its text generated, and that was to be masked",
        said,
    ]
