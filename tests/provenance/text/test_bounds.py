"""Pages that would cost a parser minutes are seen first, and no others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.reasons import NO_TEXT
from provenance.text.bounds import (
    MAX_ATTRIBUTES,
    MAX_BYTES,
    MAX_OPTIONS,
    SAFE_TAGS,
    _nesting,
    _opened,
    _opens_too_much,
    parsing_fault,
)
from provenance.text.html import main_text

PROSE = "<p>" + "Plain words that make a sentence of the page. " * 20 + "</p>"

TOO_DEEP = {
    "open": "<div>" * 100_000,
    "closed afterwards": "<div>" * 50_000 + "</div>" * 50_000,
    "closed inside comments": "<div><!--</div>-->" * 50_000,
    "closed inside attributes": '<div title="</div>">' * 50_000,
    "closed inside scripts": "<div><script></div></script>" * 50_000,
    "closed from inside a table": "<div><table></div></table>" * 50_000,
    "upper case": "<DIV>" * 100_000,
    "unknown elements": "<x-y>" * 100_000,
    "formatting reopened by paragraphs": "".join(f"<font size={i}><p>x" for i in range(30_000)),
    "a hundred fonts over many paragraphs": (
        "".join(f"<font size={i}>" for i in range(100)) + "<p>x" * 50_000
    ),
}

HARMLESS = {
    "unclosed paragraphs": "<p>word word word word" * 20_000,
    "unclosed list items": "<ul>" + "<li>word word" * 20_000,
    "unclosed table cells": "<table>" + "<tr><td>word" * 20_000,
    "line breaks": "text<br>" * 20_000,
    "images": "<img src=x>" * 20_000,
    "one bold left open before many": "<b>" + "<p>word word" * 20_000,
    "identical bold left open": "<b><p>word" * 5_000,
    "links": "<a href=x>word</a> " * 20_000,
    "vector graphics": "<svg>" + "<path d='M0 0'/>" * 20_000 + "</svg>",
    "nesting that closes": "<div><span>word</span></div>" * 20_000,
    "a script full of tags": "<script>" + "<div>" * 20_000 + "</script>",
    "an attribute of a megabyte": f'<div title="{"word " * 200_000}">',
    "text of a megabyte": "word " * 200_000,
}


@pytest.mark.parametrize("page", TOO_DEEP.values(), ids=TOO_DEEP)
def test_pages_that_open_too_much_at_once_are_too_deep(page: str) -> None:
    assert parsing_fault((page + PROSE).encode()) == "html_too_deep"


@pytest.mark.parametrize("page", HARMLESS.values(), ids=HARMLESS)
def test_pages_with_many_tags_that_do_not_nest_are_parsed(page: str) -> None:
    assert parsing_fault((page + PROSE).encode()) is None


def test_a_page_beyond_the_limit_is_too_large() -> None:
    assert parsing_fault(b"x" * (MAX_BYTES + 1)) == "html_too_large"


def test_a_tag_with_too_many_attributes_is_too_large() -> None:
    attributes = " ".join(f"attribute{i}=x" for i in range(MAX_ATTRIBUTES + 1))

    assert parsing_fault(f"<div {attributes}>{PROSE * 20}".encode()) == "html_too_large"


def test_a_list_of_too_many_options_is_too_large() -> None:
    page = "<select>" + "<Option>x</Option>" * (MAX_OPTIONS + 1) + "</select>"

    assert parsing_fault(page.encode()) == "html_too_large"


PIECES = [
    *("<b>", "<B x>", "</b>", "<font size=1>", "<big/>", "<strong\n>", "<em<i>", "<p>", "<P<p>"),
    *("<div>", "</div>", "<x-y>", "<table>", "</table>", "<svg>", "<path/>", "<li-x>", "<td a=b>"),
    *("<!--", "-->", "<script>", "</script>", '<a title="', "='", '"', "'", "<", "/", ">", " é "),
]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_the_cheap_bounds_lie_above_what_the_tokenizer_finds_open(markup: str) -> None:
    page = f"{markup} end".encode()

    assert not _opens_too_much(page, _nesting(page))
    assert _nesting(page) <= _opened(page)


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * (SAFE_TAGS - 200),
        "<b><p>x" * 20_000,
        "<" * 500_000,
        "<a" * 200_000,
        '<a="' * 100_000,
        "<!--" * 100_000,
        "<script>" * 100_000,
        "</p>" * 50_000,
        "<div " + " " * 500_000 + ">",
        "&am" * 100_000,
        "\0" * 100_000,
        f'<p title="{"x" * 1_000_000}">',
        "<svg><foreignObject>" * 1000,
        "<table><tr><td>" * 900,
    ],
    ids=lambda page: page[:12],
)
def test_hostile_pages_are_refused_or_read_to_their_end(page: str) -> None:
    # Without the guards, quadratic parsers take minutes to hours over some of these.
    fault = parsing_fault(page.encode())

    assert fault in NO_TEXT if fault else len(main_text(page + PROSE) or "") <= len(page + PROSE)
