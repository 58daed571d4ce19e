"""Disclosures in elements: dialects, nearest mark, share of the text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.evidence.dom import Page
from provenance.evidence.elements import element_facts
from provenance.evidence.facts import Fact
from provenance.evidence.nearest_mark import Coverage, covered


def facts(html: str) -> list[Fact]:
    return element_facts(Page(html.encode()))


def kinds(html: str) -> list[str]:
    return [fact.kind.removeprefix("declared_") for fact in facts(html)]


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ('<meta name="ai-disclosure" content="ai-generated">', "synthetic"),
        ("<META CONTENT='autonomous' NAME='AI-Disclosure'/>", "synthetic"),
        ("<meta name=ai-disclosure content=mixed>", "mixed"),
        ('<meta name="ai_disclosure" content="ai_translated; required=yes">', "mixed"),
        ('<meta http-equiv="AI-Disclosure" content="ai-assisted">', "mixed"),
        ('<meta property="ai-disclosure" content="human_only">', "human"),
        ('<meta name="ai-disclosure" content="none">', "human"),
        ('<meta name="ai-disclosure">', "unknown"),
        ('<meta name="ai-generated" content="all">', "synthetic"),
        ('<meta name="ai-generated" content="partially">', "mixed"),
        ('<meta name="ai-generated" content="none">', "human"),
    ],
)
def test_meta_elements_of_every_dialect(element: str, expected: str) -> None:
    assert kinds(f"<head>{element}</head><p>text") == [expected]


@pytest.mark.parametrize(
    "html",
    [
        "<!-- <meta name='ai-disclosure' content='ai-generated'> -->",
        '<script>\'<meta name="ai-disclosure" content="ai-generated">\'</script>',
        "<p>write &lt;meta name=ai-disclosure content=ai-generated&gt;",
        "<meta name='description' content='ai-disclosure: ai-generated'>",
    ],
)
def test_what_only_looks_like_a_mark_is_none(html: str) -> None:
    assert facts(html) == []


def test_the_nearest_mark_speaks_for_a_text() -> None:
    machine, person = "m" * 60, "p" * 40
    outer = f"<div ai-disclosure=ai-generated>{machine}<p ai-disclosure=none>{person}</p></div>"

    (fact,) = facts(outer)

    assert fact.kind == "declared_synthetic"
    assert "100% of the page's text" in (fact.detail or "")
    assert kinds(outer.replace(machine, "m" * 20)) == ["mixed"]


@pytest.mark.parametrize(("marked", "expected"), [(60, "synthetic"), (50, "synthetic"),
                                                  (49, "mixed"), (1, "mixed")])  # fmt: skip
def test_a_part_of_the_text_makes_a_page_mixed(marked: int, expected: str) -> None:
    html = f"<nav>{'n' * 500}</nav><p>{'p' * (100 - marked)}</p>"

    (fact,) = facts(f"{html}<div ai-disclosure='ai-generated'>{'m' * marked}</div>")

    assert fact.kind == f"declared_{expected}"
    assert f"{marked}% of the page's text" in (fact.detail or "")


def test_empty_elements_on_the_way_change_nothing() -> None:
    html = "<nav></nav><select></select><p ai-disclosure=none></p><p ai-disclosure=autonomous>text"

    assert kinds(html) == ["synthetic"]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<genai provider=x model=y>all of it</genai>", ["synthetic"]),
        ("<genai human-edited>all of it</genai>", ["mixed"]),
        ("<p data-ai-disclosure='ai-assisted'>text", ["mixed"]),
        ("<p ai-disclosure='none'>text", ["human"]),
        ("<p ai-disclosure='whatever'>text", ["unknown"]),
        ("<p ai-disclosure>text", ["unknown"]),
    ],
)
def test_elements_of_every_dialect(html: str, expected: list[str]) -> None:
    assert kinds(html) == expected


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ('itemscope itemtype="https://schema.org/BlogPosting"', ["synthetic"]),
        ('typeof="schema:NewsArticle"', ["synthetic"]),
        ('itemscope itemtype="https://schema.org/ImageObject"', []),
        ("", []),
    ],
)
def test_microdata_counts_inside_a_text_only(scope: str, expected: list[str]) -> None:
    value = "https://schema.org/TrainedAlgorithmicMediaDigitalSource"
    name = (
        "property=schema:digitalSourceType" if "typeof" in scope else "itemprop=digitalSourceType"
    )

    assert kinds(f"<div {scope}><p><link {name} href='{value}'></p></div>") == expected


@given(st.text(alphabet="<>/=\"' aidsclourmetgnp-", max_size=200))
def test_no_page_makes_it_raise(html: str) -> None:
    facts("<p ai-disclosure=autonomous>" + html)


#: Marks, furniture, what closes and breaks them, and text that only looks like text.
PIECES = (
    "<div ai-disclosure=ai-generated>", "<p data-ai-disclosure='ai-assisted'>", "<genai>",
    "<b ai-disclosure=none>", "<nav ai-disclosure=autonomous>", "<table ai-disclosure=human>",
    "<html ai-disclosure=mixed>", "<body ai-disclosure>", "<nav>", "<header>", "<select>", "<p>",
    "<script>", "<style>", "<template>", "<svg>", "<noscript>", "<div>", "<b>", "<tr><td>",
    "</div>", "</p>", "</genai>", "</b>", "</nav>", "</header>", "</select>", "</script>",
    "</style>", "</template>", "</svg>", "</table>", "<!-- a comment -->", "<![CDATA[data]]>",
    "text", " two words ", "\u3000", "&amp;", "\x85", "漢字", "<frameset>", "<",
)  # fmt: skip


@example("<p>outside<nav>n<header>h")
@example("<p ai-disclosure=none>outside<nav>n<div ai-disclosure=none>d<header>h")
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_whole_elements_count_what_a_walk_over_all_nodes_counts(html: str) -> None:
    page = Page(html.encode())

    assert covered(page) == +Coverage(page).characters


def test_marks_inside_of_marks_are_counted_whatever_their_depth() -> None:
    page = Page(b"<p>0" + b"<b ai-disclosure=none>1<i ai-disclosure=autonomous>2" * 400)

    assert covered(page) == {"unmarked": 1, "human": 400, "synthetic": 400}
