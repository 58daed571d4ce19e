"""What publishers allow and deny, in every syntax, and which wish counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.dom import Page
from provenance.evidence.page_rights import (
    element_preferences,
    header_preferences,
    page_preferences,
)
from provenance.evidence.rights import Preference, train_ai, usage_preferences


def about_training(preferences: list[Preference]) -> list[str]:
    return [one.preference for one in preferences if one.use == "train_ai"]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("train-ai=n, search=y", {"train_ai": "denied", "search": "allowed"}),
        ("train-ai=y", {"train_ai": "allowed"}),
        ("search=yes, ai-input=no, ai-train=no",
         {"search": "allowed", "ai_input": "denied", "train_ai": "denied"}),
        ("ai-use=n;exceptions=cc-cr", {"train_ai": "denied", "ai_input": "denied"}),
        ("genai=n", {"train_ai": "denied"}),
        ("bots=y", {"train_ai": "allowed", "ai_input": "allowed", "search": "allowed"}),
        ("train-ai=maybe, nonsense, use=reference", {}),
        ("", {}),
    ],
)  # fmt: skip
def test_usage_fields_of_all_drafts(field: str, expected: dict[str, str]) -> None:
    found = usage_preferences(field, "header")

    assert {one.use: one.preference for one in found} == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"content-usage": "train-ai=n"}, ["denied"]),
        ({"content-signal": "ai-train=yes"}, ["allowed"]),
        ({"tdm-reservation": "1", "tdm-policy": "https://a.example/p.json"}, ["denied"]),
        ({"tdm-reservation": " 0 "}, ["allowed"]),
        ({"tdm-reservation": "yes"}, []),
        ({"x-robots-tag": "otherbot: noindex, noai"}, ["denied"]),
        ({"x-robots-tag": "noimageai"}, []),
        ({"link": '<https://a.example/l.xml>; rel="license"; type="application/rsl+xml"'},
         ["conditional"]),
        ({"link": '<https://a.example/l>; rel="license"'}, []),
        ({"content-type": "text/html"}, []),
    ],
)  # fmt: skip
def test_response_headers(headers: dict[str, str], expected: list[str]) -> None:
    assert about_training(header_preferences(headers)) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<meta name="robots" content="index, NOAI, noimageai">', ["denied"]),
        ('<meta name="googlebot" content="noai">', ["denied"]),
        ('<meta name="robots" content="noimageai">', []),
        ('<meta name="description" content="noai">', []),
        ('<meta name="tdm-reservation" content="1">', ["denied"]),
        ('<meta name="tdm-reservation" content="0">', ["allowed"]),
        ('<link rel="license" type="application/rsl+xml" href="/l.xml">', ["conditional"]),
        ('<link rel="stylesheet" type="application/rsl+xml" href="/l.xml">', []),
        ('<script type="application/rsl+xml"><rsl xmlns="https://rslstandard.org/rsl">'
         '<content url="/"><license><prohibits type="usage">ai-train</prohibits></license>'
         "</content></rsl></script>", ["denied"]),
        ('<script type="application/rsl+xml"><permits type="usage">search, ai-all</permits>'
         '<permits type="user">all</permits></script>', ["allowed"]),
        ('<!-- <meta name="robots" content="noai"> -->', []),
    ],
)  # fmt: skip
def test_elements_of_a_page(html: str, expected: list[str]) -> None:
    found = element_preferences(Page(f"<head>{html}</head><p>text".encode()))

    assert about_training(found) == expected


def test_an_element_of_tdmrep_overrules_the_header_and_nothing_else() -> None:
    tree = Page(b'<meta name="tdm-reservation" content="0">')
    headers = {"tdm-reservation": "1", "content-usage": "train-ai=n"}

    found = page_preferences(tree, headers)

    assert [(one.source, one.preference) for one in found] == [
        ("header content-usage", "denied"), ("meta tdm-reservation", "allowed"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "expected"),
    [([], "unspecified"), (["allowed"], "allowed"), (["allowed", "denied"], "denied"),
     (["conditional"], "unspecified"), (["allowed", "conditional"], "unspecified"),
     (["conditional", "denied"], "denied")],
)  # fmt: skip
def test_the_most_restrictive_wish_counts(said: list[str], expected: str) -> None:
    assert train_ai(said) == expected
    assert train_ai(reversed(said)) == expected


@given(st.dictionaries(st.sampled_from(
    ["content-usage", "content-signal", "tdm-reservation", "x-robots-tag", "link"]),
    st.text(max_size=100) | st.just("<" * 50 + "application/rsl+xml license")))  # fmt: skip
def test_no_header_makes_it_raise(headers: dict[str, str]) -> None:
    header_preferences(headers)


@given(st.text(max_size=200))
def test_no_page_makes_it_raise(text: str) -> None:
    element_preferences(Page(f"<script type=application/rsl+xml><permits {text}".encode()))
