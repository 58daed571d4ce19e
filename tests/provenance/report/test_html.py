"""Whatever a page is called, it shows as text."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.report.html import Markup, cut, document, element, joined, table
from provenance.report.printable import printable_line

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onclick='alert(1)",
    "]]><!--",
    "&lt;b&gt; &amp;",
    "abc\u202egpj.exe",
    "\x1b]0;owned\x07",
]


class Seen(HTMLParser):
    """Tags, attribute values and text that a parser finds."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.values: list[str | None] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [value for _, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(markup: str) -> Seen:
    parser = Seen()
    parser.feed(markup)
    parser.close()
    return parser


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_text_is_text(value: str) -> None:
    found = seen(element("p", value, title=value))

    assert found.tags == ["p"]
    assert found.text == printable_line(value)
    assert found.values == [printable_line(value)]


@given(st.text())
def test_any_text_comes_back_as_it_would_be_printed(value: str) -> None:
    found = seen(element("p", element("b", value), value, title=value))

    assert found.tags == ["p", "b"]
    assert found.text == printable_line(value) * 2
    assert found.values == [printable_line(value)]


def test_marks_that_turn_the_writing_direction_are_written_out() -> None:
    assert element("p", "a\u202eb\u061cc") == "<p>a\\u202eb\\u061cc</p>"


def test_markup_is_kept_and_joined_with_text() -> None:
    assert joined([element("b", "1 < 2"), " & more"]) == "<b>1 &lt; 2</b> &amp; more"


def test_markup_added_to_a_string_is_text_again() -> None:
    """Losing the type must never lose the escaping."""
    assert element("p", "x" + Markup("<b>")) == "<p>x&lt;b&gt;</p>"


def test_attributes_without_a_value_are_left_out() -> None:
    assert element("p", class_="n", aria_label=None) == '<p class="n"></p>'


def test_a_table_says_which_cells_head_rows_and_columns() -> None:
    made = table("Things", ("name", "n"), [("a", "1")])

    assert '<th scope="col">name</th><th scope="col" class="n">n</th>' in made
    assert '<th scope="row">a</th><td class="n">1</td>' in made
    assert "<caption>Things</caption>" in made


def test_a_page_allows_its_own_style_and_nothing_else() -> None:
    made = document("<T>", style="p { color: red; }", body=element("p", "x"))
    digest = base64.b64encode(hashlib.sha256(b"p { color: red; }").digest()).decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', made)

    assert policy is not None
    assert policy[1].split("; ") == [
        "default-src 'none'", "base-uri 'none'", "form-action 'none'",
        f"style-src 'sha256-{digest}'",
    ]  # fmt: skip
    assert '<html lang="en">' in made
    assert "<title>&lt;T&gt;</title>" in made


def test_a_page_with_a_script_allows_that_script() -> None:
    made = document("T", style="", body=element("p", "x"), script="go();")
    digest = base64.b64encode(hashlib.sha256(b"go();").digest()).decode()

    assert f"script-src 'sha256-{digest}'" in made
    assert made.count("<script") == 1


def test_a_cut_text_says_so() -> None:
    assert [cut("abcdef", 6), cut("abcdef", 4)] == ["abcdef", "abc…"]
