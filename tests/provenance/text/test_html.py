"""HTML to main text: what stays, what goes, what is looked for a second time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.text.html import (
    _LOOK_CHARS,
    _MANY_DIVS,
    EXTRACTORS,
    _has_many_divs,
    main_text,
    plain_text,
)

SENTENCE = "The survey of the river began in spring and was finished before the first frost. "
STORY = "".join(f"<p>Part {i}. {SENTENCE * 3}</p>" for i in range(4))
PAGE = f"""<!doctype html><html><head><title>A title <script>alert(1)</script></title></head><body>
<nav><a href=/>Home</a> <a href=/about>About the site</a></nav>
<article><h1>The river</h1>{STORY}<ul><li>first entry</li><li>second entry</li></ul>
<img src=x alt="an alternative text"></article>
<div class="comments"><p>A reader comments on the story at some length here.</p></div>
<footer>Copyright notice</footer></body></html>"""


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_the_story_is_found_and_its_frame_is_not(extractor: str) -> None:
    text = main_text(PAGE, extractor=extractor)

    assert text is not None
    assert text.count(SENTENCE.strip()) == 12
    assert "About the site" not in text
    assert "Copyright notice" not in text


def test_paragraphs_stand_on_lines_of_their_own() -> None:
    lines = [line for line in (main_text(PAGE) or "").splitlines() if line.startswith("Part")]

    assert len(lines) == 4


def test_comments_alternative_texts_and_bullets_are_left_out() -> None:
    text = main_text(PAGE) or ""

    assert "A reader comments" not in text
    assert "alternative text" not in text
    assert "•" not in text


@pytest.mark.parametrize(
    "page",
    ["", "   ", "<html></html>", "<script>var x = 1</script>", "<style>p{}</style>", "<!-- x -->"],
)
def test_a_page_without_text_has_none(page: str) -> None:
    assert main_text(page) is None


def test_text_behind_a_misleading_class_is_found_in_its_long_lines() -> None:
    page = f'<body><div class="has-sidebar navigation"><p>{SENTENCE * 5}</p></div></body>'

    assert (main_text(page) or "").count(SENTENCE.strip()) == 5


def test_a_list_near_the_body_is_text_not_navigation() -> None:
    """resiliparse drops it: recipes and hand-written pages lost their lists."""
    items = "".join(f"<li>{i} cups of flour</li>" for i in range(4))

    text = main_text(f"<body><article><p>{SENTENCE * 5}</p><ul>{items}</ul></article></body>") or ""

    assert text.count("cups of flour") == 4


def test_longer_paragraphs_elsewhere_do_not_replace_a_post_of_some_length() -> None:
    post = "See you all at nine in the usual place, and bring the maps of the upper river."
    notice = "We use cookies to make this site work for you, accept them to go on. " * 3
    page = f'<main><article>{post}</article></main><div class="cookie"><p>{notice}</p></div>'

    assert main_text(page) == post


def test_a_cookie_notice_does_not_replace_a_short_post() -> None:
    notice = "We use cookies to make this site work for you, accept them to go on."
    page = f'<main><article>See you at nine.</article></main><div class="cookie"><p>{notice}</p>'

    assert main_text(page) == "See you at nine."


def test_hidden_unicode_stays_and_control_characters_go() -> None:
    hidden = "\u200b\u2060\ufe01\U000e0041"
    page = f"<p>{SENTENCE}a{hidden}b \x01\x07\x7f\x85end \ud800.</p>".encode("utf-8", "replace")

    text = main_text(page.decode()) or ""

    assert f"a{hidden}b" in text
    assert not set(text) & set("\x01\x07\x7f\x85\0")


@pytest.mark.parametrize(
    "page",
    ["<p>&#0;&#xD800;&bogus;&amp</p>", "<p>\0a\0b", "<title><script>", "<div <p>><", "<![CDATA[x"],
)
def test_broken_markup_gives_text_that_utf8_can_hold(page: str) -> None:
    text = main_text(page) or ""

    assert "\0" not in text
    assert text.encode().decode() == text


@given(st.text(st.sampled_from('<>/="!-ab pdivscript&;#\0\n é漢'), max_size=200))
def test_any_markup_gives_clean_text_or_none(page: str) -> None:
    text = main_text(page)

    assert text is None or (text.strip() == text != "" and "\0" not in text)


def test_plain_text_keeps_everything_but_line_ends_and_nul() -> None:
    assert plain_text("a\r\nb\rc\n\td\0e \u200b\x0c") == "a\nb\nc\n\tde \u200b\x0c"


@given(st.text(st.characters(blacklist_characters="\r\0"), min_size=1))
def test_plain_text_without_them_is_untouched(text: str) -> None:
    assert plain_text(text) == (None if text.isspace() else text)


@given(
    st.lists(
        st.sampled_from(["<div>", "<p>", "</div>", "<di", "v", "é漢", "x" * 1500]), max_size=60
    ),
    st.integers(0, 50),
)
def test_divs_are_many_when_a_count_says_so(parts: list[str], start: int) -> None:
    page = "".join(parts)

    counted = page.count("<div", start, start + _LOOK_CHARS)
    assert _has_many_divs(page, start) == (counted >= _MANY_DIVS)


@pytest.mark.parametrize("n_divs", [_MANY_DIVS - 1, _MANY_DIVS])
def test_only_divs_that_end_within_the_look_count(n_divs: int) -> None:
    last = "<div" if n_divs == _MANY_DIVS else "<di"
    page = "<div" * (_MANY_DIVS - 1)
    page += "x" * (_LOOK_CHARS - len(page) - len(last)) + last + "v"

    assert _has_many_divs(page, 0) is (n_divs == _MANY_DIVS)
