"""Generator elements: programs that write text, and programs that build sites."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.evidence.candidates import candidates
from provenance.evidence.generator import generator_facts


def facts(page: bytes) -> list[str | None]:
    found = candidates(page).get("generator", [])
    return [fact.detail for fact in generator_facts(page, found)]


@pytest.mark.parametrize("content", [
    "ChatGPT", "GPT-4", "AI Writer 3.1", "Jasper", "copy.ai", "AI Article Generator", "Writesonic",
])  # fmt: skip
@pytest.mark.parametrize("element", [
    '<meta name="generator" content="{}">', "<META content='{}' name='generator' />",
    '<meta name=generator content="{}">',
])  # fmt: skip
def test_programs_that_write_text_are_a_weak_fact(element: str, content: str) -> None:
    page = ("<head>" + element.format(content) + "</head>").encode()

    assert facts(page) == [f"meta generator: {content}"]


@pytest.mark.parametrize("content", [
    "WordPress 6.5", "Wix.com Website Builder", "Joomla! - Open Source Content Management",
    "Framer", "v0.app", "Lovable", "Hugo 0.120", "Drupal 10", "Microsoft FrontPage 4.0", "",
    "Claudeville CMS", "Blogger", "Jekyll v4", "Elementor 3; features: ai_icons",
])  # fmt: skip
def test_programs_that_build_sites_are_no_fact(content: str) -> None:
    assert facts(f'<meta name="generator" content="{content}">'.encode()) == []


@pytest.mark.parametrize("page", [
    b'<p>"generator" content="ChatGPT">', b'<a title="generator">ChatGPT</a>',
    b'<meta name="generator"><meta name="x" content="ChatGPT">',
])  # fmt: skip
def test_other_elements_are_no_fact(page: bytes) -> None:
    assert facts(page) == []


@settings(deadline=None)  # the first call loads the compiled pass
@given(st.binary(max_size=100), st.binary(max_size=100))
def test_no_page_makes_it_raise(before: bytes, after: bytes) -> None:
    facts(before + b'"generator" content=' + after)
