"""The page on which people judge documents: it works from a file, alone, without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Final

from provenance.report.agreement import VERDICTS
from provenance.report.html import Markup, cut, document, element, joined

_URL: Final = 200

_INTRODUCTION: Final = (
    "Who wrote each text: a person, a machine, both, or can you not tell? What the program found"
    " appears once you have judged. Keys: h human, m machine, x mixed, u unsure, j next, k"
    " previous. Verdicts stay in this browser until you save them as verdicts.csv."
)


def review_page(rows: Sequence[Mapping[str, Any]], *, sample: str) -> str:
    """The page of the sampled documents `rows`, in their order. sample: its digest, in hex."""
    files = resources.files("provenance.report")
    style = (files / "page.css").read_text("utf-8")
    articles = [_article(number, row) for number, row in enumerate(rows, start=1)]
    body = joined([
        element("header", element("h1", "Review of documents"), element("p", _INTRODUCTION),
                element("noscript", "Without JavaScript, judge in review.csv instead."),
                _controls()),
        element("main", *articles),
    ])  # fmt: skip
    return document(
        "Review of documents",
        style=style,
        body=element("div", body),
        script=(files / "review.js").read_text("utf-8"),
        sample=sample,
    )


def _controls() -> Markup:
    return element(
        "p",
        element("label", "Your name ", element("input", type="text", id="reviewer", maxlength=80)),
        " ",
        element("button", "Save verdicts.csv", type="button", id="save"),
        " ",
        element("output", "", id="done"),
    )


def _article(number: int, row: Mapping[str, Any]) -> Markup:
    doc_id, n_hidden = row["id"], row["n_chars"] - len(row["beginning"])
    paragraphs = [element("p", line) for line in row["beginning"].splitlines() if line.strip()]
    rest = element("p", f"[{n_hidden:,} more characters]", class_="soft") if n_hidden > 0 else ""
    return element(
        "article",
        element("h2", f"{number}. ", element("bdi", cut(row["url"] or doc_id, _URL))),
        element("blockquote", *paragraphs, rest, dir="auto"),
        _choice(doc_id),
        element("details", element("summary", "What the program found"), _found(row), hidden=""),
        id=f"doc-{doc_id}",
        tabindex=-1,
    )


def _choice(doc_id: str) -> Markup:
    radios = [
        element("label", element("input", type="radio", name=f"verdict-{doc_id}", value=name), " ",
                name, " ")
        for name in VERDICTS
    ]  # fmt: skip
    note = element("label", "Note ", element("input", type="text", maxlength=500))
    return element("fieldset", element("legend", "Who wrote it?"), *radios, note)


def _found(row: Mapping[str, Any]) -> Markup:
    return element("ul", *(element("li", line.strip(), dir="auto") for line in row["sentences"]))
