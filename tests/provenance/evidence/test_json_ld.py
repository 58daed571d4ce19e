"""What JSON-LD declares of a page's text, and what it says of other things."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.dom import Page
from provenance.evidence.json_ld import MAX_SCRIPTS, json_ld_facts

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def page(value: Any, opening: str = '<script type="application/ld+json">') -> bytes:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"<html><head>{opening}{text}</script></head><p>text".encode()


def kinds(html: bytes) -> list[str]:
    return [fact.kind for fact in json_ld_facts(Page(html))]


@pytest.mark.parametrize(
    "value",
    [
        {"@type": "Article", "digitalSourceType": AI},
        {"@type": "https://schema.org/BlogPosting", "digitalSourceType": {"@id": AI}},
        {"@type": ["Thing", "NewsArticle"], "schema:digitalSourceType": [AI]},
        {"@graph": [{"@type": "Organization"}, {"@type": "WebPage", "digitalSourceType": AI}]},
        [{"@type": "WebPage", "mainEntity": {"@type": "Article", "digitalSourceType": AI}}],
        {"@type": "Article", "aiDisclosure": "ai-generated"},
        {"@type": "Article", "aiDisclosure": {"level": "ai-generated", "tool": "x"}},
    ],
)
def test_a_text_that_is_declared_synthetic_is_found(value: Any) -> None:
    assert kinds(page(value)) == ["declared_synthetic"]


@pytest.mark.parametrize(
    "value",
    [
        {"@type": "ImageObject", "digitalSourceType": AI},
        {"@type": "Article", "image": {"@type": "ImageObject", "digitalSourceType": AI}},
        {"@type": "Article", "video": {"@type": "VideoObject", "digitalSourceType": AI}},
        {"@type": "Article", "citation": {"@type": "Article", "digitalSourceType": AI}},
        {"digitalSourceType": AI},
        {"@type": "Article", "description": "what digitalSourceType means"},
    ],
)
def test_what_is_said_of_other_things_is_not_about_the_text(value: Any) -> None:
    assert kinds(page(value)) == []


@pytest.mark.parametrize(
    "opening",
    [
        "<script type=application/ld+json>",
        "<SCRIPT id='a' TYPE = 'application/LD+json;charset=utf-8' defer>",
        '<script\ntype="application/ld+json">',
    ],
)
def test_script_elements_are_found_however_they_are_written(opening: str) -> None:
    value = {"@type": "Article", "digitalSourceType": "digitalCreation"}

    assert kinds(page(value, opening)) == ["declared_human"]


@pytest.mark.parametrize("broken", ['{"digitalSourceType": ', '{"digitalSourceType":' + "[" * 9999])
def test_json_that_cannot_be_read_is_unknown_and_never_an_exception(broken: str) -> None:
    assert kinds(page(broken)) == ["declared_unknown"]


def test_a_script_in_a_comment_says_nothing() -> None:
    script = page({"@type": "Article", "digitalSourceType": AI})

    assert kinds(b"<!-- " + script + b" -->") == []


def test_line_breaks_inside_strings_are_forgiven() -> None:
    text = f'{{"@type": "Article", "headline": "a\nb", "digitalSourceType": "{AI}"}}'

    assert kinds(page(text)) == ["declared_synthetic"]


def test_a_flood_of_scripts_is_cut() -> None:
    script = page({"@type": "Article", "digitalSourceType": AI})

    assert len(kinds(script * (MAX_SCRIPTS + 5))) == MAX_SCRIPTS


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(AI),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["@type", "@graph", "mainEntity", "digitalSourceType", "aiDisclosure"]),
        inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(json_values)
def test_no_value_makes_it_raise(value: Any) -> None:
    assert all(kind.startswith("declared_") for kind in kinds(page(value)))


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(html: bytes) -> None:
    kinds(b'<script type="application/ld+json">digitalSourceType' + html)
