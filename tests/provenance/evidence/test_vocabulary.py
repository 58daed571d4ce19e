"""The words of AI disclosures, dialect by dialect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.vocabulary import answer, meaning, source_type


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("machine-generated", "synthetic"),
        ("ai-originated", "synthetic"),
        ("AI-Generated", "synthetic"),
        ("autonomous", "synthetic"),
        ("ai_generated_content", "synthetic"),
        ("ai-modified", "mixed"),
        ("ai-assisted; human-reviewed", "mixed"),
        ("human-reviewed; ai-generated", "synthetic"),
        ("ai_summarized; required=undetermined; icon=ai_generated", "mixed"),
        ("mixed", "mixed"),
        ("none", "human"),
        ("human_only", "human"),
        ("human-only, none", "human"),
        ("nonesuch", "unknown"),
        ("airline", "unknown"),
        ("", "unknown"),
    ],
)
def test_disclosures_mean_what_their_dialect_says(word: str, expected: str) -> None:
    assert meaning(word) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [("all", "synthetic"), ("TRUE", "synthetic"), ("?1", "synthetic"), ("partially", "mixed"),
     ("none", "human"), ("false", "human"), ("ai-assisted", "mixed"), ("", "unknown")],
)  # fmt: skip
def test_answers_to_is_it_generated(word: str, expected: str) -> None:
    assert answer(word) == expected


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia", "synthetic"),
        ("https://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia/", "synthetic"),
        ("https://schema.org/TrainedAlgorithmicMediaDigitalSource", "synthetic"),
        ("schema:TrainedAlgorithmicMediaDigitalSource", "synthetic"),
        ("trainedAlgorithmicMedia", "synthetic"),
        ("compositeWithTrainedAlgorithmicMedia", "mixed"),
        ("https://schema.org/CompositeWithTrainedAlgorithmicMediaDigitalSource", "mixed"),
        ("https://schema.org/AlgorithmicMediaDigitalSource", "mixed"),
        ("digitalCreation", "human"),
        ("https://schema.org/MinorHumanEditsDigitalSource", "human"),
        ("https://schema.org/DigitalCaptureDigitalSource", "human"),
        ("https://example.org/other", "unknown"),
    ],
)
def test_source_types_come_as_uri_prefix_or_name(uri: str, expected: str) -> None:
    assert source_type(uri) == expected


@given(st.text(max_size=2000))
def test_any_text_has_a_meaning(text: str) -> None:
    known = {"synthetic", "mixed", "human", "unknown"}

    assert {meaning(text), answer(text), source_type(text)} <= known
