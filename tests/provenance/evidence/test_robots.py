"""robots.txt as far as it speaks about training, in the forms that sites use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.rights import train_ai
from provenance.evidence.robots import MAX_RULES, fits, parse


def stance(text: str, path: str = "/page.html") -> str:
    said = parse(text).preferences(path)
    return train_ai(one.preference for one in said if one.use == "train_ai")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("User-agent: GPTBot\nDisallow: /", "denied"),
        ("user-agent:ccbot\r\ndisallow:/\r\n", "denied"),
        ("User-agent: GPTBot\nUser-agent: CCBot\n\nDisallow: /\nAllow: /blog", "denied"),
        ("User-agent: Googlebot\nUser-agent: Google-Extended # no AI\nDisallow: /", "denied"),
        ("User-agent: GPTBot\nDisallow: /private\n", "unspecified"),
        ("User-agent: GPTBot\nDisallow:\n", "unspecified"),
        ("User-agent: GPTBot\nDisallow: /\nAllow: /page", "unspecified"),
        ("User-agent: *\nDisallow: /", "unspecified"),
        ("User-agent: Googlebot\nDisallow: /", "unspecified"),
        ("User-agent: train-ai\nDisallow: /", "denied"),
        ("User-agent: *\nContent-Usage: train-ai=n\nAllow: /", "denied"),
        ("User-agent: *\nContent-Usage: /page train-ai=n\nContent-Usage: train-ai=y", "denied"),
        ("User-agent: *\nContent-Usage: /other train-ai=n\nContent-Usage: train-ai=y", "allowed"),
        ("User-Agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /", "denied"),
        ("Content-Signal: ai-train=yes", "allowed"),
        ("User-agent: Googlebot\nContent-Usage: train-ai=n", "unspecified"),
        ("License: https://a.example/license.xml", "unspecified"),
        (
            "User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nContent-Signal: ai-train=yes",
            "denied",
        ),
        ("<html>not found</html>", "unspecified"),
        ("", "unspecified"),
    ],
)
def test_what_a_file_says_about_training(text: str, expected: str) -> None:
    assert stance(text) == expected
    assert stance(parse(text).text()) == expected


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/", "/a", True), ("/a", "/ab", True), ("/a$", "/ab", False), ("/a$", "/a", True),
        ("/*.pdf", "/x/y.pdf?z", True), ("/*.pdf$", "/x/y.pdf?z", False),
        ("/*.pdf$", "/x.pdf/y.pdf", True), ("/a*b*c", "/a1b2c3", True), ("/a*b*c", "/a1c2b", False),
        ("*", "/", True), ("/a*$", "/abc", True), ("/a*a$", "/a", False), ("", "/", True),
    ],
)  # fmt: skip
def test_patterns_fit_as_the_standard_says(pattern: str, path: str, expected: bool) -> None:
    assert fits(pattern, path) is expected


names = st.sampled_from(
    ["User-agent", "Disallow", "Allow", "Content-Usage", "Content-Signal", "License", "Sitemap"]
)
values = st.sampled_from(
    ["*", "GPTBot", "CCBot", "Googlebot", "/", "/page", "/*.html$", "train-ai=n", "ai-train=yes",
     "/page search=n", "https://a.example/l.xml", ""]
)  # fmt: skip
files = st.lists(st.tuples(names, values), max_size=12).map(
    lambda lines: "\n".join(f"{name}: {value}" for name, value in lines)
)


@given(files, st.sampled_from(["/", "/page.html", "/other?x=1"]))
def test_what_is_kept_of_a_file_says_the_same(text: str, path: str) -> None:
    rules = parse(text)

    again = parse(rules.text())

    assert set(again.preferences(path)) == set(rules.preferences(path))
    assert again.text() == parse(again.text()).text()


@given(st.text(max_size=300))
def test_no_text_makes_it_raise(text: str) -> None:
    parse(text).preferences("/" + text)


def test_a_flood_of_rules_is_cut() -> None:
    rules = parse("User-agent: gptbot\n" + "\n".join(f"Disallow: /{i}" for i in range(10_000)))

    assert len(rules.paths) == MAX_RULES
