"""The page's sample documents: crawled text, shown as text and never as markup or link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from provenance.report.html import Markup, cut, element, joined
from provenance.report.terminal import because, count

_URL: Final = 200
_SENTENCE: Final = 240
_SENTENCES: Final = 16


def section(report: Mapping[str, Any], n: int) -> tuple[str, str, Markup]:
    """Up to `n` documents of each class. Addresses are text: a click would tell their hosts."""
    rules = {rule["reason"]: rule["when"] for rule in report["policy"]["drop"]}
    classes = [_class(one, rules, n) for one in report["samples"]] if n else []
    said = element("p", "Drawn by a hash of the document's id and the policy's seed. Addresses are"
                   " not links. The whole story: provenance explain OUT DOC_ID.")  # fmt: skip
    return "samples", "Sample documents", joined([said, *classes]) if classes else Markup("")


def _class(one: Mapping[str, Any], rules: Mapping[str, str], n: int) -> Markup:
    reason = one["reason"]
    name = "kept" if reason is None else f"dropped: {reason}"
    why = "" if reason is None else because(reason, rules)
    shown = one["samples"][:n]
    of = f"{len(shown)} of {count(one['documents'], 'document')}"
    return joined([
        element("h3", name),
        element("p", cut(why, _SENTENCE), class_="soft") if why else Markup(""),
        element("details", element("summary", f"{name}: {of}"), *map(_document, shown)),
    ])  # fmt: skip


def _document(sample: Mapping[str, Any]) -> Markup:
    beginning = sample["beginning"]
    quoted = (
        element("blockquote", " ".join(beginning.split()), dir="auto")
        if beginning
        else element("p", "no text", class_="soft")
    )
    return element(
        "article",
        element("h4", element("bdi", cut(sample["url"] or sample["doc_id"], _URL))),
        quoted,
        _sentences(sample["sentences"]),
    )


def _sentences(lines: Sequence[str]) -> Markup:
    shown = lines[:_SENTENCES] if len(lines) <= _SENTENCES else [*lines[: _SENTENCES - 1], "…"]
    return element("ul", *(element("li", cut(line.strip(), _SENTENCE), dir="auto")
                           for line in shown))  # fmt: skip
