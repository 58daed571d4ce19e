"""What a page declares generated is taken out of it, and nothing else is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.evidence.dom import Page
from provenance.evidence.masking import mask_declared
from provenance.text.html import main_text

MACHINE, PERSON = "A machine wrote this sentence. " * 5, "A person wrote this sentence. " * 5


def masked(html: str) -> tuple[str, str | None]:
    """The words that are left of a page's text, and what the fact says."""
    page = Page(html.encode())
    fact = mask_declared(page)
    return " ".join((main_text(page.html()) or "").split()), fact and fact.detail


def test_only_the_marked_section_goes() -> None:
    left, detail = masked(
        f"<p>{PERSON}</p><section ai-disclosure=ai-generated><h2>M</h2><p>{MACHINE}</p></section>"
        f"<p>{PERSON}</p>"
    )

    assert left == (PERSON * 2).strip()
    assert detail == "131 characters of elements that are declared generated"


def test_a_persons_part_of_a_generated_section_stays() -> None:
    left, _ = masked(
        f"<div ai-disclosure=autonomous>{MACHINE}<p data-ai-disclosure=none>{PERSON}"
        f"<span ai-disclosure=ai-generated>{MACHINE}</span></p>{MACHINE}</div>"
    )

    assert left == PERSON.strip()


@pytest.mark.parametrize("mark", ["ai-assisted", "human-edited", "none", "whatever", ""])
def test_what_is_not_declared_generated_stays(mark: str) -> None:
    inside = f"<p ai-disclosure='{mark}'>{MACHINE}</p>"

    assert masked(inside) == (MACHINE.strip(), None)
    assert masked(f"<div ai-disclosure=ai-generated>{inside}</div>") == (MACHINE.strip(), None)


@pytest.mark.parametrize("place", ["html", "body", "genai", "header", "article"])
def test_any_element_can_be_marked(place: str) -> None:
    html = f"<{place} ai-disclosure=ai-generated><p>{MACHINE}</p></{place}>"

    assert masked(html)[0] == ""


def test_declarations_for_programs_are_left_to_their_readers() -> None:
    page = Page(b"<div ai-disclosure=ai-generated>x<script>{}</script><style>p{}</style></div>")

    mask_declared(page)

    assert "<script>{}</script><style>p{}</style>" in page.html()


def test_characters_are_those_that_are_read() -> None:
    html = "<div ai-disclosure=ai-generated> a b\n<nav>c</nav><script>d</script></div>"

    assert (masked(html)[1] or "").startswith("2 characters")


def test_space_alone_is_nothing_to_mask() -> None:
    assert masked("<div ai-disclosure=ai-generated> \n </div>") == ("", None)


def test_a_page_without_marks_is_left_alone() -> None:
    assert masked(f"<p>{PERSON}</p>") == (PERSON.strip(), None)


def test_marks_nested_by_the_thousand_are_followed_in_linear_time() -> None:
    def page(n: int) -> Page:
        marks = "<div ai-disclosure=ai-generated>m<div ai-disclosure=none>p" * n
        return Page(marks.encode())

    def seconds(n: int) -> float:
        parsed = page(n)
        start = time.process_time()
        mask_declared(parsed)
        return time.process_time() - start

    deep = page(700)

    assert str((mask_declared(deep) or pytest.fail("no mark")).detail).startswith("700 ")
    assert deep.html().count(">p") == 700
    assert deep.html().count(">m") == 0
    assert seconds(1400) < 4 * 3 * seconds(350) + 0.02


@settings(deadline=None)
@given(st.text(alphabet="<>/=\"' aidsclourmetgnp-\0", max_size=200))
def test_no_page_makes_it_raise_or_brings_text_back(html: str) -> None:
    page = Page(f"<p ai-disclosure=autonomous>{html}".encode())
    mask_declared(page)

    again = Page(page.html().encode())

    assert mask_declared(again) is None
